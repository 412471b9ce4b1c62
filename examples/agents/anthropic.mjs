// The @anthropic-ai/sdk package, Messages, streamed.
import Anthropic from '@anthropic-ai/sdk';
import { Episode } from '../../clients/node/forge-client.mjs';

const episode = new Episode();
const { task } = episode;
const client = new Anthropic(); // ANTHROPIC_BASE_URL, ANTHROPIC_API_KEY
const tools = task.tools.map(({ function: { name, description, parameters } }) => ({ name, description, input_schema: parameters }));
const messages = [{ role: 'user', content: task.question }];

for (;;) {
  const stream = client.messages.stream({
    model: task.model,
    system: task.system,
    messages,
    tools,
    max_tokens: task.limits.tokens_per_turn,
  });
  const reply = await stream.finalMessage();
  messages.push({ role: 'assistant', content: reply.content });
  const calls = reply.content.filter((block) => block.type === 'tool_use');
  if (calls.length === 0) {
    episode.answer(reply.content.filter((block) => block.type === 'text').map((block) => block.text).join(''));
    break;
  }
  const results = [];
  for (const call of calls) {
    results.push({ type: 'tool_result', tool_use_id: call.id, content: await episode.callTool(call.name, call.input) });
  }
  messages.push({ role: 'user', content: results });
}
