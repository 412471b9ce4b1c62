// The ai package with its OpenAI-compatible provider.
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { generateText, jsonSchema, stepCountIs, tool } from 'ai';
import { Episode } from '../../clients/node/forge-client.mjs';

const episode = new Episode();
const { task } = episode;
const forge = createOpenAICompatible({
  name: 'forge',
  baseURL: process.env.OPENAI_BASE_URL,
  apiKey: process.env.OPENAI_API_KEY,
});
const tools = Object.fromEntries(task.tools.map(({ function: { name, description, parameters } }) => [
  name,
  tool({ description, inputSchema: jsonSchema(parameters), execute: (args) => episode.callTool(name, args) }),
]));

const { text } = await generateText({
  model: forge(task.model),
  instructions: task.system,
  prompt: task.question,
  tools,
  stopWhen: stepCountIs(task.limits.turns),
});
episode.answer(text);
