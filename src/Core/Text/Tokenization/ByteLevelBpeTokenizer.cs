using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Text;

namespace Forge.Core.Text.Tokenization;

/// <summary>
/// Turns text into token ids and back by byte-level BPE, reading Hugging Face's <c>tokenizer.json</c>.
/// Immutable but for a bounded cache of merged pieces; any number of threads may use one.
/// </summary>
/// <remarks>Ids and texts equal those of huggingface/tokenizers with <c>add_special_tokens=False</c>.</remarks>
public sealed class ByteLevelBpeTokenizer
{
    private const int CachedPieceLength = 48;
    private const int CachedPieces = 1 << 16;

    private readonly SplitStep[] _steps;
    private readonly AddedTokenMatcher _firstPass;
    private readonly AddedTokenMatcher _secondPass;
    private readonly PieceMerger _merger;
    private readonly int[] _byteIds;
    private readonly byte[]?[] _bytes;
    private readonly bool[] _special;
    private readonly Dictionary<string, int> _ids;
    private readonly Dictionary<string, int>? _wholePieces;
    private readonly ConcurrentDictionary<string, int[]> _cache = new();
    private readonly ConcurrentDictionary<string, int[]>.AlternateLookup<ReadOnlySpan<char>> _cacheBySpan;
    private int _cachedPieces;

    private ByteLevelBpeTokenizer(TokenizerFile file)
    {
        AddedTokens = [.. file.AddedTokens];
        VocabularySize = 1 + file.Vocabulary.Values.Concat(file.AddedTokens.Select(token => token.Id)).Max();
        _steps = [.. file.Steps];
        _firstPass = new AddedTokenMatcher(file.AddedTokens.Where(token => !token.Normalized));
        _secondPass = new AddedTokenMatcher(file.AddedTokens.Where(token => token.Normalized));
        _ids = new Dictionary<string, int>(file.Vocabulary, StringComparer.Ordinal);
        _wholePieces = file.IgnoreMerges ? file.Vocabulary : null;
        _bytes = new byte[]?[VocabularySize];
        _special = new bool[VocabularySize];
        foreach (var (text, id) in file.Vocabulary)
        {
            _bytes[id] = ByteAlphabet.TryToBytes(text, out var bytes) ? bytes : Encoding.UTF8.GetBytes(text);
        }

        foreach (var token in file.AddedTokens)
        {
            _ids[token.Content] = token.Id;
            _bytes[token.Id] = Encoding.UTF8.GetBytes(token.Content);
            _special[token.Id] = token.Special;
        }

        _byteIds = [.. Enumerable.Range(0, 256).Select(value => ByteId(file, (byte)value))];
        _merger = new PieceMerger(_byteIds, new MergeTable([.. file.Merges.Select(merge => Resolve(file, merge))]));
        _cacheBySpan = _cache.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    /// <summary>One past the highest id, added tokens included: the rows that an embedding needs at least.</summary>
    public int VocabularySize { get; }

    /// <summary>The tokens that are recognised as a whole, in the file's order.</summary>
    public ImmutableArray<AddedToken> AddedTokens { get; }

    /// <summary>Reads a <c>tokenizer.json</c>.</summary>
    /// <exception cref="InvalidDataException">The file is damaged; the message has its path.</exception>
    /// <exception cref="NotSupportedException">The file describes another kind of tokenizer.</exception>
    public static ByteLevelBpeTokenizer Load(string path)
    {
        try
        {
            return Parse(File.ReadAllText(path));
        }
        catch (InvalidDataException error)
        {
            throw new InvalidDataException($"{path}: {error.Message}", error);
        }
        catch (NotSupportedException error)
        {
            throw new NotSupportedException($"{path}: {error.Message}", error);
        }
    }

    /// <summary>Reads the text of a <c>tokenizer.json</c>.</summary>
    /// <exception cref="InvalidDataException">The text is damaged.</exception>
    /// <exception cref="NotSupportedException">The text describes another kind of tokenizer.</exception>
    public static ByteLevelBpeTokenizer Parse(string json) => new(TokenizerFile.Parse(json));

    /// <summary>The id of a token by its text: an added token's own text, else a token's spelling in the byte alphabet.</summary>
    public int? TokenId(string token) => _ids.TryGetValue(token, out var id) ? id : null;

    /// <summary>Encodes a text, recognising added tokens in it. A lone surrogate counts as U+FFFD.</summary>
    public List<int> Encode(string text)
    {
        var output = new List<int>(text.Length / 3 + 4);
        Encode(text, output);
        return output;
    }

    /// <summary>Encodes a text onto the end of a list.</summary>
    public void Encode(ReadOnlySpan<char> text, List<int> output)
    {
        var done = 0;
        while (_firstPass.TryFind(text, done, out var token, out var start, out var end))
        {
            EncodeSecondPass(text[done..start], output);
            output.Add(token.Id);
            done = end;
        }

        EncodeSecondPass(text[done..], output);
    }

    /// <summary>Encodes a text in which added tokens mean nothing: foreign text can't forge a turn's end with it.</summary>
    public List<int> EncodeOrdinary(string text)
    {
        var output = new List<int>(text.Length / 3 + 4);
        EncodePlain(text, output);
        return output;
    }

    /// <summary>Encodes bytes that need not be valid UTF-8; <see cref="DecodeBytes"/> gives them back.</summary>
    public List<int> EncodeBytes(ReadOnlySpan<byte> bytes)
    {
        var output = new List<int>(bytes.Length / 3 + 4);
        while (!bytes.IsEmpty)
        {
            var valid = ValidPrefix(bytes);
            Encode(Encoding.UTF8.GetString(bytes[..valid]), output);
            bytes = bytes[valid..];
            if (!bytes.IsEmpty)
            {
                output.Add(_byteIds[bytes[0]]);
                bytes = bytes[1..];
            }
        }

        return output;
    }

    /// <summary>Decodes ids; bytes that form no character become U+FFFD, ids that are no token become nothing.</summary>
    public string Decode(ReadOnlySpan<int> ids, bool skipSpecial = false)
        => Encoding.UTF8.GetString(DecodeBytes(ids, skipSpecial));

    /// <summary>The bytes that the ids stand for.</summary>
    public byte[] DecodeBytes(ReadOnlySpan<int> ids, bool skipSpecial = false)
    {
        var total = 0;
        foreach (var id in ids)
        {
            total += BytesOf(id, skipSpecial).Length;
        }

        var bytes = new byte[total];
        var filled = 0;
        foreach (var id in ids)
        {
            var token = BytesOf(id, skipSpecial);
            token.CopyTo(bytes.AsSpan(filled));
            filled += token.Length;
        }

        return bytes;
    }

    /// <summary>Starts a decoding that takes one id at a time.</summary>
    public StreamingDecoder CreateStreamingDecoder(bool skipSpecial = false) => new(this, skipSpecial);

    internal ReadOnlySpan<byte> BytesOf(int id, bool skipSpecial)
        => (uint)id < (uint)_bytes.Length && !(skipSpecial && _special[id]) ? _bytes[id] : default(ReadOnlySpan<byte>);

    private void EncodeSecondPass(ReadOnlySpan<char> text, List<int> output)
    {
        var done = 0;
        while (!_secondPass.IsEmpty && _secondPass.TryFind(text, done, out var token, out var start, out var end))
        {
            EncodePlain(text[done..start], output);
            output.Add(token.Id);
            done = end;
        }

        EncodePlain(text[done..], output);
    }

    private void EncodePlain(ReadOnlySpan<char> text, List<int> output)
    {
        var encoder = new PieceEncoder(this, output);
        PieceSplitter.Split(text, _steps, ref encoder);
    }

    private void EncodePiece(ReadOnlySpan<char> piece, List<int> output)
    {
        if (piece.Length > CachedPieceLength)
        {
            MergePiece(piece, output);
            return;
        }

        if (!_cacheBySpan.TryGetValue(piece, out var ids))
        {
            var merged = new List<int>(piece.Length);
            MergePiece(piece, merged);
            ids = [.. merged];
            if (Volatile.Read(ref _cachedPieces) < CachedPieces && _cache.TryAdd(piece.ToString(), ids))
            {
                Interlocked.Increment(ref _cachedPieces);
            }
        }

        output.AddRange(ids);
    }

    private void MergePiece(ReadOnlySpan<char> piece, List<int> output)
    {
        Span<byte> buffer = stackalloc byte[CachedPieceLength * 3];
        var bytes = piece.Length <= CachedPieceLength
            ? buffer[..Encoding.UTF8.GetBytes(piece, buffer)]
            : Encoding.UTF8.GetBytes(piece.ToArray());
        if (_wholePieces is not null && _wholePieces.TryGetValue(ByteAlphabet.ToText(bytes), out var whole))
        {
            output.Add(whole);
            return;
        }

        _merger.Merge(bytes, output);
    }

    private static int ValidPrefix(ReadOnlySpan<byte> bytes)
    {
        var valid = 0;
        while (valid < bytes.Length
            && Rune.DecodeFromUtf8(bytes[valid..], out _, out var consumed) == System.Buffers.OperationStatus.Done)
        {
            valid += consumed;
        }

        return valid;
    }

    private static int ByteId(TokenizerFile file, byte value)
        => file.Vocabulary.TryGetValue(ByteAlphabet.ToText([value]), out var id)
            ? id
            : throw new InvalidDataException($"The vocabulary lacks the byte 0x{value:X2} ('{ByteAlphabet.ToText([value])}').");

    private static (int Left, int Right, int Result) Resolve(TokenizerFile file, (string Left, string Right) merge)
        => (Id(file, merge.Left), Id(file, merge.Right), Id(file, merge.Left + merge.Right));

    private static int Id(TokenizerFile file, string token)
        => file.Vocabulary.TryGetValue(token, out var id)
            ? id
            : throw new InvalidDataException($"A merge needs the token '{token}', which the vocabulary lacks.");

    private readonly ref struct PieceEncoder(ByteLevelBpeTokenizer tokenizer, List<int> output) : IPieceConsumer
    {
        public void Take(ReadOnlySpan<char> piece) => tokenizer.EncodePiece(piece, output);
    }
}
