"""Plain Python: nothing but the standard library and clients/python."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "clients" / "python"))

from forge_client import Episode  # noqa: E402

with Episode() as episode:
    task = episode.task
    messages = [{"role": "system", "content": task["system"]}, {"role": "user", "content": task["question"]}]
    while True:
        message = episode.chat(messages, task["tools"])
        messages.append(message)
        if not message.get("tool_calls"):
            episode.answer(message["content"] or "")
            break
        for call in message["tool_calls"]:
            text = episode.call_tool(call["function"]["name"], call["function"]["arguments"])
            messages.append({"role": "tool", "tool_call_id": call["id"], "content": text})
