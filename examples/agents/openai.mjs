// The openai package, Chat Completions.
import OpenAI from 'openai';
import { Episode } from '../../clients/node/forge-client.mjs';

const episode = new Episode();
const { task } = episode;
const client = new OpenAI(); // OPENAI_BASE_URL, OPENAI_API_KEY
const messages = [
  { role: 'system', content: task.system },
  { role: 'user', content: task.question },
];

for (;;) {
  const reply = await client.chat.completions.create({ model: task.model, messages, tools: task.tools });
  const { message } = reply.choices[0];
  messages.push(message);
  if (!message.tool_calls?.length) {
    episode.answer(message.content ?? '');
    break;
  }
  for (const call of message.tool_calls) {
    const content = await episode.callTool(call.function.name, call.function.arguments);
    messages.push({ role: 'tool', tool_call_id: call.id, content });
  }
}
