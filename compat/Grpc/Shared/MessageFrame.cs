using System.Buffers.Binary;
using Grpc.Core;

namespace Grpc.Shared;

/// <summary>What stands before every message: one byte that says whether it is compressed, four of its length.</summary>
internal static class MessageFrame
{
    internal const int HeaderSize = 5;

    internal static void WriteHeader(Span<byte> target, int length, bool compressed)
    {
        target[0] = compressed ? (byte)1 : (byte)0;
        BinaryPrimitives.WriteUInt32BigEndian(target[1..], (uint)length);
    }

    internal static int ReadHeader(ReadOnlySpan<byte> header, int? mostBytes, out bool compressed)
    {
        if (header[0] > 1)
        {
            throw Fault(StatusCode.Internal, $"A message's compressed flag is {header[0]}; it must be 0 or 1.");
        }

        compressed = header[0] == 1;
        var length = BinaryPrimitives.ReadUInt32BigEndian(header[1..]);
        CheckReceived(length, mostBytes);
        return (int)length;
    }

    internal static void CheckReceived(long length, int? mostBytes)
    {
        if (length > (mostBytes ?? Array.MaxLength))
        {
            throw Fault(
                StatusCode.ResourceExhausted,
                $"Received message exceeds the maximum configured message size: {length} bytes, MaxReceiveMessageSize is {mostBytes ?? Array.MaxLength}.");
        }
    }

    internal static void CheckSent(long length, int? mostBytes)
    {
        if (length > mostBytes)
        {
            throw Fault(
                StatusCode.ResourceExhausted,
                $"Sending message exceeds the maximum configured message size: {length} bytes, MaxSendMessageSize is {mostBytes}.");
        }
    }

    internal static RpcException Fault(StatusCode code, string detail) => new(new Status(code, detail));
}
