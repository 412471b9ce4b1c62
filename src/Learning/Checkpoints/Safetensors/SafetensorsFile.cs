using System.Collections.Immutable;
using Forge.Core.Faults;
using Microsoft.Win32.SafeHandles;
using static TorchSharp.torch;

namespace Forge.Learning.Checkpoints.Safetensors;

/// <summary>Reads tensors from one safetensors file, each only when asked for.</summary>
/// <remarks>
/// Reads with plain file reads, not a memory map: a file cut off while it is open is then an error, not a crash.
/// </remarks>
public sealed class SafetensorsFile : IDisposable
{
    private readonly SafeFileHandle _handle;
    private readonly SafetensorsHeader _header;
    private readonly Dictionary<string, SafetensorsEntry> _byName;

    private SafetensorsFile(string path, SafeFileHandle handle, SafetensorsHeader header)
    {
        (Path, _handle, _header) = (path, handle, header);
        _byName = header.Entries.ToDictionary(entry => entry.Name, StringComparer.Ordinal);
    }

    public string Path { get; }

    /// <summary>Tensors in the order of their bytes.</summary>
    public ImmutableArray<SafetensorsEntry> Entries => _header.Entries;

    public ImmutableDictionary<string, string> Metadata => _header.Metadata;

    /// <exception cref="ForgeException">The file is absent or damaged.</exception>
    public static SafetensorsFile Open(string path)
    {
        if (!File.Exists(path))
        {
            throw new ForgeException($"{path} does not exist.");
        }

        SafetensorsHeader header;
        using (var stream = File.OpenRead(path))
        {
            header = SafetensorsHeader.Read(stream, stream.Length, path);
        }

        return new SafetensorsFile(path, File.OpenHandle(path), header);
    }

    public SafetensorsEntry? Find(string name) => _byName.GetValueOrDefault(name);

    /// <exception cref="ForgeException">The file has no such tensor.</exception>
    public SafetensorsEntry Get(string name) => Find(name) ?? throw new ForgeException($"{Path} has no tensor '{name}'.");

    /// <summary>Reads part of a tensor's bytes.</summary>
    /// <param name="entry">The tensor.</param>
    /// <param name="destination">Filled completely.</param>
    /// <param name="offset">First byte, counted from the tensor's own beginning.</param>
    /// <exception cref="ForgeException">The file ended early.</exception>
    public void ReadBytes(SafetensorsEntry entry, Span<byte> destination, long offset = 0)
    {
        var position = _header.DataStart + entry.Begin + offset;
        while (destination.Length > 0)
        {
            var count = RandomAccess.Read(_handle, destination, position);
            if (count == 0)
            {
                throw new ForgeException($"{Path} ended inside '{entry.Name}': it was cut off while being read.");
            }

            destination = destination[count..];
            position += count;
        }
    }

    /// <summary>Reads a tensor as it is stored, onto the CPU; it belongs to the caller's dispose scope.</summary>
    /// <exception cref="ForgeException">There is no such tensor, or no tensor dtype for its format.</exception>
    public Tensor Read(string name)
    {
        var entry = Get(name);
        var dtype = entry.Dtype.Scalar
            ?? throw new ForgeException($"{Path}: '{name}' is stored as {entry.Dtype.Name}, which has to be decoded.");
        using var scope = NewDisposeScope();
        var tensor = empty(entry.Shape.ToArray(), dtype: dtype);
        TensorBytes.ForEachChunk(tensor, (chunk, offset) => ReadBytes(entry, chunk, offset));
        return tensor.MoveToOuterDisposeScope();
    }

    public void Dispose() => _handle.Dispose();
}
