using System.Buffers.Binary;

namespace Forge.Hosting.Calls;

/// <summary>
/// Lets a client's HTTP/2 preface out, and holds back all that follows until the service's settings are here. So a connection that ends before
/// them carried no request, whatever became of what was written: those calls may be made again, also those that may be made only once.
/// </summary>
/// <remarks>
/// <code>
///   client: preface, settings ──▶ │ held: requests …                      │ ──▶ requests
///   service:                      │ ◀── settings (its first frame, whole) │
///                                 └─ ends here: <see cref="HandshakeCutException"/>
/// </code>
/// Without it the HTTP client sends requests right behind the preface, and a service that got them and was cut off looks like one that did not.
/// One read and one write at a time, as the HTTP client makes them.
/// </remarks>
internal sealed class HandshakeStream(Stream inner) : Stream
{
    private const int HeaderLength = 9;
    private const byte SettingsType = 4;

    private readonly TaskCompletionSource _settings = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly byte[] _header = new byte[HeaderLength];
    private long _read;
    private bool _isPrefaceSent;

    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    private bool IsOpen => _settings.Task.IsCompletedSuccessfully;

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        => IsOpen ? inner.ReadAsync(buffer, cancellationToken) : ReadSettingsAsync(buffer, cancellationToken);

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
        => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        => IsOpen ? inner.WriteAsync(buffer, cancellationToken) : WriteHeldAsync(buffer, cancellationToken);

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
        => WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

    public override void Flush() => inner.Flush();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
            Cut(null);
        }

        base.Dispose(disposing);
    }

    private async ValueTask<int> ReadSettingsAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        int count;
        try
        {
            count = await inner.ReadAsync(buffer, cancellationToken);
        }
        catch (Exception error) when (error is IOException or ObjectDisposedException)
        {
            throw Cut(error);
        }

        // A read into nothing only waits for data.
        if (count == 0 && buffer.Length > 0)
        {
            throw Cut(null);
        }

        Follow(buffer.Span[..count]);
        return count;
    }

    private async ValueTask WriteHeldAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken)
    {
        if (_isPrefaceSent)
        {
            await _settings.Task.WaitAsync(cancellationToken);
            await inner.WriteAsync(buffer, cancellationToken);
            return;
        }

        _isPrefaceSent = true;
        try
        {
            await inner.WriteAsync(buffer, cancellationToken);
        }
        catch (Exception error) when (error is IOException or ObjectDisposedException)
        {
            throw Cut(error);
        }
    }

    /// <summary>Opens once the first frame was read to its end; another frame than settings never opens.</summary>
    private void Follow(ReadOnlySpan<byte> bytes)
    {
        if (_read < HeaderLength)
        {
            var missing = Math.Min(HeaderLength - (int)_read, bytes.Length);
            bytes[..missing].CopyTo(_header.AsSpan((int)_read));
        }

        _read += bytes.Length;
        if (_read >= HeaderLength && _header[3] != SettingsType)
        {
            Fail(new IOException("What answered speaks another protocol than HTTP/2."));
        }
        else if (_read >= HeaderLength + (BinaryPrimitives.ReadUInt32BigEndian(_header) >> 8))
        {
            _settings.TrySetResult();
        }
    }

    private IOException Cut(Exception? error) => Fail(new HandshakeCutException("The connection ended before the service's first frame.", error));

    /// <returns>What ended the handshake first.</returns>
    private IOException Fail(IOException error)
    {
        _settings.TrySetException(error);

        // Read here, since perhaps nothing was held.
        return _settings.Task.Exception?.InnerException as IOException ?? error;
    }
}
