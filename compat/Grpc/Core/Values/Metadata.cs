using System.Collections;
using System.Text;
using Grpc.Core.Utils;

namespace Grpc.Core;

/// <summary>The headers or trailers of a call, in the order in which they are sent; a key may occur many times.</summary>
public sealed class Metadata : IList<Metadata.Entry>
{
    /// <summary>Read only.</summary>
    public static readonly Metadata Empty = new(isReadOnly: true);

    /// <summary>Values of keys that end in this are bytes, Base64 on the wire.</summary>
    public const string BinaryHeaderSuffix = "-bin";

    private readonly List<Entry> _entries;

    public Metadata()
        : this(isReadOnly: false)
    {
    }

    private Metadata(bool isReadOnly)
    {
        IsReadOnly = isReadOnly;
        _entries = [];
    }

    public int Count => _entries.Count;

    public bool IsReadOnly { get; }

    public Entry this[int index]
    {
        get => _entries[index];
        set
        {
            CheckWritable();
            _entries[index] = GrpcPreconditions.CheckNotNull(value, nameof(value));
        }
    }

    public Entry? Get(string key)
    {
        for (var index = _entries.Count - 1; index >= 0; index--)
        {
            if (string.Equals(_entries[index].Key, key, StringComparison.OrdinalIgnoreCase))
            {
                return _entries[index];
            }
        }

        return null;
    }

    public string? GetValue(string key) => Get(key)?.Value;

    public byte[]? GetValueBytes(string key) => Get(key)?.ValueBytes;

    public IEnumerable<Entry> GetAll(string key)
        => _entries.Where(entry => string.Equals(entry.Key, key, StringComparison.OrdinalIgnoreCase));

    public int IndexOf(Entry item) => _entries.IndexOf(item);

    public void Insert(int index, Entry item)
    {
        CheckWritable();
        _entries.Insert(index, GrpcPreconditions.CheckNotNull(item, nameof(item)));
    }

    public void RemoveAt(int index)
    {
        CheckWritable();
        _entries.RemoveAt(index);
    }

    public void Add(Entry item)
    {
        CheckWritable();
        _entries.Add(GrpcPreconditions.CheckNotNull(item, nameof(item)));
    }

    public void Add(string key, string value) => Add(new Entry(key, value));

    public void Add(string key, byte[] valueBytes) => Add(new Entry(key, valueBytes));

    public void Clear()
    {
        CheckWritable();
        _entries.Clear();
    }

    public bool Contains(Entry item) => _entries.Contains(item);

    public void CopyTo(Entry[] array, int arrayIndex) => _entries.CopyTo(array, arrayIndex);

    public bool Remove(Entry item)
    {
        CheckWritable();
        return _entries.Remove(item);
    }

    public IEnumerator<Entry> GetEnumerator() => _entries.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => _entries.GetEnumerator();

    private void CheckWritable() => GrpcPreconditions.CheckState(!IsReadOnly, "This metadata is read only.");

    /// <summary>One key with its value. Keys are lower case; values are ASCII, or bytes where the key ends in <c>-bin</c>.</summary>
    public class Entry
    {
        private readonly string? _value;
        private readonly byte[]? _bytes;

        public Entry(string key, byte[] valueBytes)
        {
            Key = NormalizedKey(key);
            GrpcPreconditions.CheckArgument(
                HasBinarySuffix(Key), $"The metadata key '{Key}' has a value of bytes; its name must end in '{BinaryHeaderSuffix}'.");
            GrpcPreconditions.CheckNotNull(valueBytes, nameof(valueBytes));
            _bytes = [.. valueBytes];
        }

        public Entry(string key, string value)
        {
            Key = NormalizedKey(key);
            GrpcPreconditions.CheckArgument(
                !HasBinarySuffix(Key), $"The metadata key '{Key}' has a value of text; its name must not end in '{BinaryHeaderSuffix}'.");
            _value = GrpcPreconditions.CheckNotNull(value, nameof(value));
        }

        private Entry(string key, string? value, byte[]? bytes)
        {
            Key = key;
            _value = value;
            _bytes = bytes;
        }

        public string Key { get; }

        public byte[] ValueBytes => _bytes is null ? Encoding.ASCII.GetBytes(_value!) : [.. _bytes];

        public string Value
        {
            get
            {
                GrpcPreconditions.CheckState(!IsBinary, $"The metadata key '{Key}' has a value of bytes: read ValueBytes.");
                return _value!;
            }
        }

        public bool IsBinary => _bytes is not null;

        public override string ToString()
            => IsBinary ? $"[Entry: key={Key}, valueBytes={Convert.ToHexString(_bytes!)}]" : $"[Entry: key={Key}, value={_value}]";

        /// <summary>The bytes themselves: whoever gets them must not change them.</summary>
        internal ReadOnlySpan<byte> RawBytes => _bytes;

        /// <summary>An entry that arrived: its name came through HTTP's own checks.</summary>
        internal static Entry Received(string key, string value) => new(key, value, null);

        internal static Entry Received(string key, byte[] bytes) => new(key, null, bytes);

        internal static bool HasBinarySuffix(string key) => key.EndsWith(BinaryHeaderSuffix, StringComparison.OrdinalIgnoreCase);

        private static string NormalizedKey(string key)
        {
            GrpcPreconditions.CheckNotNull(key, nameof(key));
            GrpcPreconditions.CheckArgument(
                key.Length > 0 && !key.AsSpan().ContainsAnyExcept(MetadataKeys.Allowed),
                $"The metadata key '{key}' is not valid: letters, digits, '_', '-' and '.' are.");
            return MetadataKeys.Lower(key);
        }
    }
}
