"""Plays an episode of Forge from any Python program; standard library only. docs/harnesses.md has the contract.

    with Episode() as episode:
        message = episode.chat([{"role": "user", "content": episode.task["question"]}])
        episode.answer(message["content"])
"""

import http.client
import json
import os
import pathlib
import time
import urllib.error
import urllib.parse
import urllib.request


class EpisodeOver(Exception):
    """The episode has ended, or has used up its turns, tokens or time: leave what you have, and end."""


class Episode:
    """One episode, as the environment variables of this process describe it."""

    def __init__(self, variables=os.environ, timeout=3600.0):
        self.name = variables["FORGE_EPISODE"]
        self._desk = variables["FORGE_BASE_URL"].rstrip("/")
        self._api = variables["OPENAI_BASE_URL"].rstrip("/")
        self._key = variables["OPENAI_API_KEY"]
        self._timeout = timeout
        self.task = json.loads(pathlib.Path(variables["FORGE_TASK"]).read_text("utf-8"))

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        """The end of an episode is no failure of the program."""
        return kind is not None and issubclass(kind, EpisodeOver)

    def chat(self, messages, tools=None, **options):
        """Asks the policy; returns the assistant's message, to be appended to the messages as it is."""
        body = {"model": self.task["model"], "messages": messages, **options}
        if tools:
            body["tools"] = tools
        return self._post(f"{self._api}/chat/completions", body)["choices"][0]["message"]

    def call_tool(self, name, arguments):
        """Calls a tool of the environment; returns its text, which may be an error that the policy should see."""
        data = arguments if isinstance(arguments, str) else json.dumps(arguments)
        return self._post(f"{self._desk}/tools/{urllib.parse.quote(name, safe='')}", data, attempts=1)["text"]

    def answer(self, text):
        """Leaves the final answer where the verifier looks for it."""
        pathlib.Path(self.task["answer_file"]).write_text(text, "utf-8")

    def reward(self, value, success=None):
        """Posts the reward, from 0 to 1, of a run that takes the program's word (agent_side.program.reward=program)."""
        body = {"reward": value} if success is None else {"reward": value, "success": success}
        self._post(f"{self._desk}/reward", body)

    def run(self, max_turns=None):
        """Plays the usual loop: ask, call the tools that the policy calls, ask again, leave the answer. Returns the answer."""
        messages = [{"role": "system", "content": self.task["system"]}, {"role": "user", "content": self.task["question"]}]
        for _ in range(max_turns or self.task["limits"]["turns"]):
            message = self.chat(messages, self.task["tools"])
            messages.append(message)
            calls = message.get("tool_calls") or []
            if not calls:
                self.answer(message["content"] or "")
                return message["content"] or ""
            for call in calls:
                text = self.call_tool(call["function"]["name"], call["function"]["arguments"])
                messages.append({"role": "tool", "tool_call_id": call["id"], "content": text})
        raise EpisodeOver("no turns are left")

    def _post(self, url, body, attempts=5):
        data = (body if isinstance(body, str) else json.dumps(body)).encode("utf-8")
        headers = {"Authorization": f"Bearer {self._key}", "Content-Type": "application/json"}
        for attempt in range(1, attempts + 1):
            headers["x-stainless-retry-count"] = str(attempt - 1)
            request = urllib.request.Request(url, data, headers, method="POST")
            try:
                with urllib.request.urlopen(request, timeout=self._timeout) as reply:
                    return json.load(reply)
            except urllib.error.HTTPError as error:
                text = error.read().decode("utf-8", "replace")
                stop = error.headers.get("x-should-retry") == "false" or error.code not in (408, 409, 429) and error.code < 500
                if error.code == 400 and error.headers.get("x-should-retry") == "false":
                    raise EpisodeOver(text) from None
                if stop or attempt == attempts:
                    raise RuntimeError(f"POST {url}: {error.code} {text}") from None
                pause = float(error.headers.get("retry-after") or 0.5 * 2**attempt)
            except (http.client.HTTPException, OSError):
                if attempt == attempts:
                    raise
                pause = 0.5 * 2**attempt
            time.sleep(min(pause, 30))


if __name__ == "__main__":
    with Episode() as episode:
        episode.run()
