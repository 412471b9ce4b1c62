// LangGraph's agent over @langchain/openai.
import { tool } from '@langchain/core/tools';
import { createReactAgent } from '@langchain/langgraph/prebuilt';
import { ChatOpenAI } from '@langchain/openai';
import { Episode } from '../../clients/node/forge-client.mjs';

const episode = new Episode();
const { task } = episode;
const agent = createReactAgent({
  llm: new ChatOpenAI({
    model: task.model,
    apiKey: process.env.OPENAI_API_KEY,
    configuration: { baseURL: process.env.OPENAI_BASE_URL },
  }),
  prompt: task.system,
  tools: task.tools.map(({ function: { name, description, parameters } }) =>
    tool((args) => episode.callTool(name, args), { name, description, schema: parameters })),
});

const { messages } = await agent.invoke(
  { messages: [{ role: 'user', content: task.question }] },
  { recursionLimit: 2 * task.limits.turns + 1 },
);
episode.answer(String(messages.at(-1).content));
