// Plays an episode of Forge from any Node program (20 or newer); no dependencies. docs/harnesses.md has the contract.
//
//     const episode = new Episode();
//     const message = await episode.chat([{ role: 'user', content: episode.task.question }]);
//     episode.answer(message.content);

import { readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

/** The episode has ended, or has used up its turns, tokens or time: leave what you have, and end. */
export class EpisodeOver extends Error {}

/** One episode, as the environment variables of this process describe it. */
export class Episode {
  #desk;
  #api;
  #key;

  constructor(variables = process.env) {
    this.name = variables.FORGE_EPISODE;
    this.#desk = variables.FORGE_BASE_URL.replace(/\/$/, '');
    this.#api = variables.OPENAI_BASE_URL.replace(/\/$/, '');
    this.#key = variables.OPENAI_API_KEY;
    this.task = JSON.parse(readFileSync(variables.FORGE_TASK, 'utf8'));
  }

  /** Asks the policy; gives the assistant's message, to be appended to the messages as it is. */
  async chat(messages, tools = [], options = {}) {
    const body = { model: this.task.model, messages, ...(tools.length > 0 && { tools }), ...options };
    const reply = await this.#post(`${this.#api}/chat/completions`, JSON.stringify(body));
    return reply.choices[0].message;
  }

  /** Calls a tool of the environment; gives its text, which may be an error that the policy should see. */
  async callTool(name, args) {
    const body = typeof args === 'string' ? args : JSON.stringify(args);
    return (await this.#post(`${this.#desk}/tools/${encodeURIComponent(name)}`, body, 1)).text;
  }

  /** Leaves the final answer where the verifier looks for it. */
  answer(text) {
    writeFileSync(this.task.answer_file, text);
  }

  /** Posts the reward, from 0 to 1, of a run that takes the program's word (agent_side.program.reward=program). */
  async reward(value, success = undefined) {
    await this.#post(`${this.#desk}/reward`, JSON.stringify({ reward: value, success }));
  }

  /** Plays the usual loop: ask, call the tools that the policy calls, ask again, leave the answer. Gives the answer. */
  async run(maxTurns = this.task.limits.turns) {
    const messages = [
      { role: 'system', content: this.task.system },
      { role: 'user', content: this.task.question },
    ];
    for (let turn = 0; turn < maxTurns; turn++) {
      const message = await this.chat(messages, this.task.tools);
      messages.push(message);
      if (!message.tool_calls?.length) {
        this.answer(message.content ?? '');
        return message.content ?? '';
      }
      for (const call of message.tool_calls) {
        const content = await this.callTool(call.function.name, call.function.arguments);
        messages.push({ role: 'tool', tool_call_id: call.id, content });
      }
    }
    throw new EpisodeOver('no turns are left');
  }

  async #post(url, body, attempts = 5) {
    for (let attempt = 1; ; attempt++) {
      const headers = {
        authorization: `Bearer ${this.#key}`,
        'content-type': 'application/json',
        'x-stainless-retry-count': String(attempt - 1),
      };
      let reply;
      let text;
      try {
        reply = await fetch(url, { method: 'POST', headers, body });
        text = await reply.text();
        if (reply.ok) return JSON.parse(text);
      } catch (error) {
        if (attempt >= attempts) throw error;
        await sleep(Math.min(500 * 2 ** attempt, 30_000));
        continue;
      }
      const last = reply.headers.get('x-should-retry') === 'false';
      if (reply.status === 400 && last) throw new EpisodeOver(text);
      if (last || attempt >= attempts || (reply.status < 500 && ![408, 409, 429].includes(reply.status))) {
        throw new Error(`POST ${url}: ${reply.status} ${text}`);
      }
      await sleep(Math.min(1000 * Number(reply.headers.get('retry-after') ?? 0.5 * 2 ** attempt), 30_000));
    }
  }
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  await new Episode().run().catch((error) => {
    if (!(error instanceof EpisodeOver)) throw error;
  });
}
