using System.Buffers;
using System.IO.Compression;
using Grpc.Core;
using Grpc.Net.Compression;

namespace Grpc.Shared;

/// <summary>
/// Writes a message with its frame into a buffer. An uncompressed message whose length is announced goes there directly; all others
/// are put together in a pooled buffer first. One per call, one thread at a time.
/// </summary>
internal sealed class MessageEncoder : SerializationContext
{
    private IBufferWriter<byte>? _target;
    private PooledBufferWriter? _whole;
    private ICompressionProvider? _compression;
    private int? _announced;
    private bool _completed;

    /// <summary>What <c>grpc-encoding</c> named; null for identity.</summary>
    internal ICompressionProvider? Encoding { get; set; }

    internal CompressionLevel? Level { get; init; }

    internal int? MaxSendMessageSize { get; init; }

    /// <summary>A message's frame is in the target and its end may not be: a failure now leaves a torn message there.</summary>
    internal bool IsTorn { get; private set; }

    internal void Encode<T>(Marshaller<T> marshaller, T message, IBufferWriter<byte> target, WriteFlags flags)
    {
        _target = target;
        _compression = flags.HasFlag(WriteFlags.NoCompress) ? null : Encoding;
        _announced = null;
        _completed = false;
        try
        {
            marshaller.ContextualSerializer(message, this);
            if (!_completed)
            {
                throw MessageFrame.Fault(StatusCode.Internal, $"The serializer of {typeof(T).Name} did not complete its message.");
            }
        }
        finally
        {
            _target = null;
            _whole?.Dispose();
        }
    }

    public override void SetPayloadLength(int payloadLength)
    {
        MessageFrame.CheckSent(payloadLength, MaxSendMessageSize);
        _announced = payloadLength;
    }

    public override IBufferWriter<byte> GetBufferWriter()
    {
        if (_announced is not { } length || _compression is not null)
        {
            return _whole ??= new PooledBufferWriter();
        }

        if (!IsTorn)
        {
            WriteHeader(length, compressed: false);
            (_target as PooledBufferWriter)?.EnsureFree(length);
            IsTorn = true;
        }

        return _target!;
    }

    public override void Complete()
    {
        if (!IsTorn)
        {
            WriteWhole(_whole is null ? default : _whole.WrittenSpan);
        }

        IsTorn = false;
        _completed = true;
    }

    public override void Complete(byte[] payload)
    {
        WriteWhole(payload);
        _completed = true;
    }

    private void WriteWhole(ReadOnlySpan<byte> payload)
    {
        MessageFrame.CheckSent(payload.Length, MaxSendMessageSize);
        if (_compression is null)
        {
            WriteHeader(payload.Length, compressed: false);
            _target!.Write(payload);
            return;
        }

        using var compressed = new PooledBufferWriter();
        CompressionSet.Compress(_compression, Level, payload, compressed);
        WriteHeader(compressed.WrittenCount, compressed: true);
        _target!.Write(compressed.WrittenSpan);
    }

    private void WriteHeader(int length, bool compressed)
    {
        MessageFrame.WriteHeader(_target!.GetSpan(MessageFrame.HeaderSize), length, compressed);
        _target.Advance(MessageFrame.HeaderSize);
    }
}
