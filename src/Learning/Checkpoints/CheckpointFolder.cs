using System.Text.Json;
using System.Text.Json.Nodes;
using Forge.Core.Faults;
using Forge.Learning.Checkpoints.Safetensors;
using Forge.Learning.Model.Configuration;

namespace Forge.Learning.Checkpoints;

/// <summary>
/// Opens a checkpoint folder in the public layout: <c>config.json</c> and one or several safetensors files.
/// </summary>
public sealed class CheckpointFolder : IDisposable
{
    public const string SingleName = "model.safetensors";
    public const string IndexName = "model.safetensors.index.json";

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    private readonly Dictionary<string, SafetensorsFile> _fileOf;
    private readonly List<SafetensorsFile> _files;

    private CheckpointFolder(string path, M2Config config, List<SafetensorsFile> files)
    {
        (Path, Config, _files) = (path, config, files);
        _fileOf = new(StringComparer.Ordinal);
        foreach (var file in files)
        {
            foreach (var entry in file.Entries)
            {
                if (!_fileOf.TryAdd(entry.Name, file))
                {
                    throw new ForgeException($"'{entry.Name}' is in two files: {_fileOf[entry.Name].Path} and {file.Path}.");
                }
            }
        }
    }

    public string Path { get; }

    public M2Config Config { get; }

    public IReadOnlyCollection<string> Names => _fileOf.Keys;

    /// <exception cref="ForgeException">The folder, a file or a shard is absent or damaged, or the index and shards
    /// disagree.</exception>
    public static CheckpointFolder Open(string path)
    {
        if (!Directory.Exists(path))
        {
            throw new ForgeException($"The checkpoint folder {path} does not exist.");
        }

        var config = M2ConfigReader.Read(path);
        var files = new List<SafetensorsFile>();
        try
        {
            OpenFiles(path, files);
            return new CheckpointFolder(path, config, files);
        }
        catch
        {
            files.ForEach(file => file.Dispose());
            throw;
        }
    }

    /// <summary>Finds a tensor and the file that holds it; null when no file does.</summary>
    public (SafetensorsFile File, SafetensorsEntry Entry)? Find(string name)
        => _fileOf.TryGetValue(name, out var file) ? (file, file.Get(name)) : null;

    /// <summary>Rows and columns of one FP8 scale block.</summary>
    /// <exception cref="ForgeException">The configuration names another kind of quantisation.</exception>
    public (long Rows, long Columns) Fp8Block()
    {
        if (Config.OtherKeys["quantization_config"] is not JsonObject quantisation
            || quantisation["weight_block_size"] is not { } size)
        {
            return (128, 128);
        }

        return size is JsonArray { Count: 2 } sizes && sizes[0] is JsonValue rows && rows.TryGetValue<int>(out var blockRows)
            && sizes[1] is JsonValue columns && columns.TryGetValue<int>(out var blockColumns) && blockRows > 0 && blockColumns > 0
            ? (blockRows, blockColumns)
            : throw new ForgeException($"{Path}/config.json: weight_block_size is {size.ToJsonString()}; expected two positive numbers.");
    }

    public void Dispose() => _files.ForEach(file => file.Dispose());

    private static void OpenFiles(string path, List<SafetensorsFile> files)
    {
        var index = System.IO.Path.Combine(path, IndexName);
        if (!File.Exists(index))
        {
            files.Add(SafetensorsFile.Open(System.IO.Path.Combine(path, SingleName)));
            return;
        }

        var shardOf = ReadIndex(index);
        foreach (var shard in shardOf.Values.Distinct().Order(StringComparer.Ordinal))
        {
            files.Add(SafetensorsFile.Open(System.IO.Path.Combine(path, shard)));
        }

        var strays = shardOf.Where(pair => !files.Any(file => IsShard(file, pair.Value) && file.Find(pair.Key) is not null)).ToList();
        if (strays.Count > 0)
        {
            throw new ForgeException($"{index} promises tensors that their shards do not hold:\n  "
                + string.Join("\n  ", strays.Select(pair => $"{pair.Key} in {pair.Value}")));
        }
    }

    private static bool IsShard(SafetensorsFile file, string shard) => System.IO.Path.GetFileName(file.Path) == shard;

    private static Dictionary<string, string> ReadIndex(string index)
    {
        try
        {
            var map = (JsonNode.Parse(File.ReadAllText(index), documentOptions: Strict) as JsonObject)?["weight_map"] as JsonObject
                ?? throw new ForgeException($"{index} has no weight_map.");
            return map.ToDictionary(pair => pair.Key, pair => ShardName(index, pair.Key, pair.Value), StringComparer.Ordinal);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            throw new ForgeException($"{index} is not a valid index: {error.Message}", error);
        }
    }

    // A shard is a file of this folder: a path that leads elsewhere is refused.
    private static string ShardName(string index, string tensor, JsonNode? node)
        => node is JsonValue value && value.TryGetValue<string>(out var name) && name == System.IO.Path.GetFileName(name) && name.Length > 0
            ? name
            : throw new ForgeException($"{index}: '{tensor}' is mapped to {node?.ToJsonString() ?? "null"}, which is not a file name.");
}
