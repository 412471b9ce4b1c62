"""Reads a TensorBoard event file with nothing but Python's standard library and prints its scalars as JSON lines.

Independent of the writer: the checksum is computed bit by bit, the wire format is walked by hand, unknown fields are skipped by type.
"""
import json
import struct
import sys


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def masked(data):
    crc = crc32c(data)
    return (((crc >> 15) | (crc << 17)) + 0xA282EAD8) & 0xFFFFFFFF


def varint(data, at):
    result = shift = 0
    while True:
        byte = data[at]
        at += 1
        result |= (byte & 0x7F) << shift
        shift += 7
        if not byte & 0x80:
            return result, at


def fields(data):
    at = 0
    while at < len(data):
        key, at = varint(data, at)
        number, kind = key >> 3, key & 7
        if kind == 0:
            value, at = varint(data, at)
        elif kind == 1:
            value, at = struct.unpack_from("<d", data, at)[0], at + 8
        elif kind == 5:
            value, at = struct.unpack_from("<f", data, at)[0], at + 4
        else:
            assert kind == 2, f"wire type {kind}"
            length, at = varint(data, at)
            value, at = data[at:at + length], at + length
        yield number, value


def records(path):
    with open(path, "rb") as file:
        while header := file.read(12):
            length, check = struct.unpack("<QI", header)
            assert masked(header[:8]) == check, "length checksum"
            payload = file.read(length)
            assert len(payload) == length, "torn record"
            assert masked(payload) == struct.unpack("<I", file.read(4))[0], "payload checksum"
            yield payload


assert crc32c(b"123456789") == 0xE3069283
for number, record in enumerate(records(sys.argv[1])):
    event = dict(fields(record))
    if number == 0:
        assert event[3] == b"brain.Event:2", event
    for field, value in fields(event.get(5, b"")):
        scalar = dict(fields(value))
        print(json.dumps({"step": event.get(2, 0), "tag": scalar[1].decode(), "value": scalar[2]}))
