using System.Buffers;
using System.Runtime.CompilerServices;
using Grpc.Core;
using Grpc.Shared;

namespace Grpc.Net.Client.Calls;

/// <summary>
/// Cuts a response's body into messages, in one pooled array. The array grows with what arrives, not with what a header promises:
/// it is at most a small block, or twice the bytes received. One reader at a time.
/// </summary>
internal sealed class ResponseReader(Stream body, MessageDecoder decoder) : IDisposable
{
    private const int FirstBuffer = 8 * 1024;
    private const int Trusted = 256 * 1024;

    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(FirstBuffer);
    private int _start;
    private int _end;
    private int _length;
    private bool _compressed;

    /// <summary>Moves to the next message; false at the end of the body.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    internal async ValueTask<bool> MoveNextAsync(CancellationToken cancellationToken)
    {
        while (_end - _start < MessageFrame.HeaderSize)
        {
            if (!await FillAsync(MessageFrame.HeaderSize, cancellationToken).ConfigureAwait(false))
            {
                return _end == _start ? false : throw Truncated(MessageFrame.HeaderSize);
            }
        }

        _length = MessageFrame.ReadHeader(_buffer.AsSpan(_start, MessageFrame.HeaderSize), decoder.MaxReceiveMessageSize, out _compressed);
        var whole = MessageFrame.HeaderSize + _length;
        while (_end - _start < whole)
        {
            if (!await FillAsync(whole, cancellationToken).ConfigureAwait(false))
            {
                throw Truncated(whole);
            }
        }

        return true;
    }

    /// <summary>Reads the message that <see cref="MoveNextAsync"/> moved to, and lets go of its bytes.</summary>
    internal T Take<T>(Marshaller<T> marshaller)
    {
        var payload = new ReadOnlySequence<byte>(_buffer, _start + MessageFrame.HeaderSize, _length);
        _start += MessageFrame.HeaderSize + _length;
        return decoder.Decode(marshaller, payload, _compressed);
    }

    public void Dispose()
    {
        if (_buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = [];
        }
    }

    private ValueTask<bool> FillAsync(int wanted, CancellationToken cancellationToken)
    {
        MakeRoom(wanted);
        var read = body.ReadAsync(_buffer.AsMemory(_end), cancellationToken);
        return read.IsCompletedSuccessfully ? new ValueTask<bool>(Received(read.Result)) : AwaitAsync(this, read);

        [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
        static async ValueTask<bool> AwaitAsync(ResponseReader reader, ValueTask<int> read) => reader.Received(await read.ConfigureAwait(false));
    }

    private bool Received(int count)
    {
        _end += count;
        return count > 0;
    }

    private void MakeRoom(int wanted)
    {
        if (_start == _end)
        {
            _start = _end = 0;
        }

        if (_end < _buffer.Length && (_start == 0 || _buffer.Length - _start >= wanted))
        {
            return;
        }

        var held = _end - _start;
        var size = Math.Min(wanted, (int)Math.Min(Math.Max(Trusted, held * 2L), Array.MaxLength));
        if (size <= _buffer.Length && held < _buffer.Length)
        {
            _buffer.AsSpan(_start, held).CopyTo(_buffer);
        }
        else
        {
            var larger = ArrayPool<byte>.Shared.Rent(size);
            _buffer.AsSpan(_start, held).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = larger;
        }

        (_start, _end) = (0, held);
    }

    private RpcException Truncated(int whole)
        => MessageFrame.Fault(StatusCode.Internal, $"The response ended inside a message: {_end - _start} of {whole} bytes arrived.");
}
