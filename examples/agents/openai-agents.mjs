// The @openai/agents package.
import { Agent, run, setOpenAIAPI, setTracingDisabled, tool } from '@openai/agents';
import { Episode } from '../../clients/node/forge-client.mjs';

setTracingDisabled(true);
setOpenAIAPI('chat_completions');
const episode = new Episode();
const { task } = episode;
const agent = new Agent({
  name: 'records',
  instructions: task.system,
  model: task.model,
  tools: task.tools.map(({ function: { name, description, parameters } }) => tool({
    name,
    description,
    strict: false,
    parameters: { ...parameters, additionalProperties: true },
    execute: (args) => episode.callTool(name, args),
  })),
});

const result = await run(agent, task.question, { maxTurns: task.limits.turns });
episode.answer(result.finalOutput ?? '');
