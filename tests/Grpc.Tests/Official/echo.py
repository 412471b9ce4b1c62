"""The echo service of echo.proto on Debian's official Python implementation; messages are coded by hand, so nothing else is needed.

    echo.py serve             serves on a free port and prints it; ends with its standard input
    echo.py check ADDRESS     calls a server in every way and prints one JSON object: check -> "ok" or what went wrong
"""
import json
import os
import sys
import time
import traceback
from concurrent import futures

import grpc

SERVICE = "/forge.grpc.tests.v1.EchoService/"
LIMITS = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]
LARGE = bytes(64 * 1024 * 1024)


def varint(value):
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)


def encode(fields):
    """{number: int or bytes} -> message; proto3 leaves defaults out."""
    out = []
    for number, value in fields.items():
        if isinstance(value, bytes):
            if value:
                out += [varint(number << 3 | 2), varint(len(value)), value]
        elif value:
            out += [varint(number << 3), varint(value)]
    return b"".join(out)


def decode(data):
    """message -> {number: int or bytes}; of repeated fields the last."""
    fields, at = {}, 0

    def number():
        nonlocal at
        value = shift = 0
        while True:
            byte = data[at]
            at += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    while at < len(data):
        tag = number()
        if tag & 7 == 2:
            length = number()
            fields[tag >> 3] = data[at:at + length]
            at += length
        else:
            fields[tag >> 3] = number()
    return fields


def response(request, index, requests, received):
    size = request.get(2, 0)
    return {1: bytes(size) if size else request.get(1, b""), 2: index, 3: requests, 4: received}


def begin(context):
    echoed = [(key, value) for key, value in context.invocation_metadata() if key.startswith("echo-")]
    if echoed:
        context.send_initial_metadata(echoed)
        context.set_trailing_metadata(echoed)


def obey(request, context):
    while request.get(6) and context.is_active():
        time.sleep(0.01)
    if request.get(4):
        context.set_trailing_metadata([("grpc-status-details-bin", request.get(1, b""))])
        code = next(code for code in grpc.StatusCode if code.value[0] == request[4])
        context.abort(code, request.get(5, b"").decode())


def unary(request, context):
    begin(context)
    obey(request, context)
    return response(request, 0, 1, len(request.get(1, b"")))


def collect(requests, context):
    begin(context)
    count = received = 0
    last = {}
    for last in requests:
        count += 1
        received += len(last.get(1, b""))
        obey(last, context)
    return response(last, 0, count, received)


def expand(request, context):
    begin(context)
    for index in range(request.get(3, 0)):
        yield response(request, index, 1, len(request.get(1, b"")))
    obey(request, context)


def chat(requests, context):
    begin(context)
    received = 0
    for index, request in enumerate(requests):
        obey(request, context)
        received += len(request.get(1, b""))
        yield response(request, index, index + 1, received)


def serve():
    compression = grpc.Compression.Gzip if os.environ.get("ECHO_GZIP") else None
    server = grpc.server(futures.ThreadPoolExecutor(32), options=LIMITS, compression=compression)
    handler = {
        "Unary": grpc.unary_unary_rpc_method_handler(unary, decode, encode),
        "Collect": grpc.stream_unary_rpc_method_handler(collect, decode, encode),
        "Expand": grpc.unary_stream_rpc_method_handler(expand, decode, encode),
        "Chat": grpc.stream_stream_rpc_method_handler(chat, decode, encode),
    }
    server.add_generic_rpc_handlers([grpc.method_handlers_generic_handler(SERVICE.strip("/"), handler)])
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(port, flush=True)
    sys.stdin.read()
    os._exit(0)


class Checks:
    def __init__(self, address):
        self.address = address
        self.channel = grpc.insecure_channel(address, options=LIMITS)
        self.call = self.channel.unary_unary(SERVICE + "Unary", encode, decode)
        self.collecting = self.channel.stream_unary(SERVICE + "Collect", encode, decode)
        self.expanding = self.channel.unary_stream(SERVICE + "Expand", encode, decode)
        self.chatting = self.channel.stream_stream(SERVICE + "Chat", encode, decode)

    @staticmethod
    def fails_with(code, action):
        try:
            action()
        except grpc.RpcError as error:
            assert error.code() == code, error
            return error
        raise AssertionError(f"no {code}")

    def unary(self):
        assert self.call({1: b"x" * 1000}, timeout=30)[4] == 1000

    def client_streaming(self):
        answer = self.collecting(({1: bytes(index)} for index in range(100)), timeout=30)
        assert (answer[3], answer[4]) == (100, 4950)

    def server_streaming(self):
        assert [answer.get(2, 0) for answer in self.expanding({3: 500, 2: 3000}, timeout=30)] == list(range(500))

    def duplex(self):
        assert [answer.get(2, 0) for answer in self.chatting(({1: b"x"} for _ in range(50)), timeout=30)] == list(range(50))

    def metadata(self):
        sent = (("echo-text", "some text"), ("echo-data-bin", bytes([0, 1, 254, 255])))
        _, call = self.call.with_call({}, metadata=sent, timeout=30)
        for received in (dict(call.initial_metadata()), dict(call.trailing_metadata())):
            assert (received["echo-text"], received["echo-data-bin"]) == ("some text", bytes([0, 1, 254, 255]))

    def gzip(self):
        assert self.call({1: bytes(100_000)}, compression=grpc.Compression.Gzip, timeout=30)[4] == 100_000

    def error_details(self):
        error = self.fails_with(grpc.StatusCode.FAILED_PRECONDITION, lambda: self.call({4: 9, 5: "nicht jetzt: ä".encode(), 1: b"why"}, timeout=30))
        assert error.details() == "nicht jetzt: ä"
        assert dict(error.trailing_metadata())["grpc-status-details-bin"] == b"why"

    def deadline(self):
        self.fails_with(grpc.StatusCode.DEADLINE_EXCEEDED, lambda: self.call({6: 1}, timeout=0.3))

    def cancellation(self):
        call = self.expanding({3: 1, 6: 1}, timeout=30)
        next(call)
        call.cancel()
        self.fails_with(grpc.StatusCode.CANCELLED, lambda: next(call))

    def unknown_method(self):
        self.fails_with(grpc.StatusCode.UNIMPLEMENTED, lambda: self.channel.unary_unary(SERVICE + "Nothing")(b"", timeout=30))
        self.fails_with(grpc.StatusCode.UNIMPLEMENTED, lambda: self.channel.unary_unary("/nowhere.Service/Nothing")(b"", timeout=30))

    def messages_of_64_mib(self):
        assert self.call({1: LARGE}, timeout=120)[1] == LARGE

    def large_streams(self):
        assert sum(len(answer[1]) for answer in self.expanding({3: 128, 2: 1024 * 1024}, timeout=120)) == 128 * 1024 * 1024

    def a_thousand_calls(self):
        calls = [self.call.future({1: bytes(index)}, timeout=60) for index in range(1000)]
        assert [call.result().get(4, 0) for call in calls] == list(range(1000))

    def health(self):
        assert decode(self.channel.unary_unary("/grpc.health.v1.Health/Check")(b"", timeout=30)) == {1: 1}
        missing = encode({1: b"nothing"})
        self.fails_with(grpc.StatusCode.NOT_FOUND, lambda: self.channel.unary_unary("/grpc.health.v1.Health/Check")(missing, timeout=30))
        watch = self.channel.unary_stream("/grpc.health.v1.Health/Watch")(b"", timeout=30)
        assert decode(next(watch)) == {1: 1}
        watch.cancel()

    def reflection(self):
        for version in ("v1", "v1alpha"):
            ask = self.channel.stream_stream(f"/grpc.reflection.{version}.ServerReflection/ServerReflectionInfo")
            [answer] = ask(iter([encode({7: b"*"})]), timeout=30)
            assert b"forge.grpc.tests.v1.EchoService" in decode(answer)[6]


def check(address):
    checks = Checks(address)
    results = {}
    for name in (name for name in vars(Checks) if not name.startswith("_") and name != "fails_with"):
        try:
            getattr(checks, name)()
            results[name] = "ok"
        except Exception:
            results[name] = traceback.format_exc()
    print(json.dumps(results), flush=True)
    os._exit(0)


serve() if sys.argv[1] == "serve" else check(sys.argv[2])
