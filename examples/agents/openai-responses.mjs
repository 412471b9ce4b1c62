// The openai package, Responses, streamed.
import OpenAI from 'openai';
import { Episode } from '../../clients/node/forge-client.mjs';

const episode = new Episode();
const { task } = episode;
const client = new OpenAI(); // OPENAI_BASE_URL, OPENAI_API_KEY
const tools = task.tools.map((tool) => ({ type: 'function', strict: false, ...tool.function }));
const input = [{ role: 'user', content: task.question }];

for (;;) {
  const stream = client.responses.stream({ model: task.model, instructions: task.system, input, tools, store: false });
  const reply = await stream.finalResponse();
  input.push(...reply.output);
  const calls = reply.output.filter((item) => item.type === 'function_call');
  if (calls.length === 0) {
    episode.answer(reply.output_text);
    break;
  }
  for (const call of calls) {
    input.push({ type: 'function_call_output', call_id: call.call_id, output: await episode.callTool(call.name, call.arguments) });
  }
}
