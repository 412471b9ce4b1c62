using System.IO.Compression;

namespace Grpc.Net.Compression;

/// <summary>One way to compress messages, by its name on the wire.</summary>
public interface ICompressionProvider
{
    string EncodingName { get; }

    Stream CreateCompressionStream(Stream stream, CompressionLevel? compressionLevel);

    Stream CreateDecompressionStream(Stream stream);
}
