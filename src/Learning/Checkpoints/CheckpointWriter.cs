using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Forge.Core.Storage;
using Forge.Learning.Checkpoints.Safetensors;
using Forge.Learning.Model;
using Forge.Learning.Model.Configuration;
using static TorchSharp.torch;

namespace Forge.Learning.Checkpoints;

/// <summary>
/// Writes models in the public layout: <c>config.json</c> and one safetensors file, or shards with an index.
/// </summary>
public static class CheckpointWriter
{
    private const long DefaultShardBytes = 5_000_000_000;

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    /// <summary>Writes all files of a checkpoint into a folder, each whole or not at all; config.json last.</summary>
    /// <param name="model">What to write.</param>
    /// <param name="folder">Made when missing. For a folder that appears whole, write into a temporary one and rename
    /// it.</param>
    /// <param name="dtype">Precision of the file; router weights and biases stay in at least fp32.</param>
    /// <param name="maxShardBytes">A larger model is split into shards of at most this size (a single tensor may exceed
    /// it).</param>
    /// <exception cref="IOException">The disk is full or not writable.</exception>
    public static void Write(MiniMaxM2ForCausalLM model, string folder, ScalarType dtype, long maxShardBytes = DefaultShardBytes)
    {
        using var scope = NewDisposeScope();
        Directory.CreateDirectory(folder);
        var shards = Split(Stored(model, dtype), maxShardBytes);
        if (shards.Count == 1)
        {
            SafetensorsWriter.Write(Path.Combine(folder, CheckpointFolder.SingleName), shards[0]);
            File.Delete(Path.Combine(folder, CheckpointFolder.IndexName));
        }
        else
        {
            WriteShards(folder, shards);
            File.Delete(Path.Combine(folder, CheckpointFolder.SingleName));
        }

        RemoveStrayShards(folder, shards.Count);
        WriteText(folder, "config.json", M2ConfigWriter.ToJson(model.Config, PublicName(dtype)));
    }

    /// <summary>Bytes that the weights will take on the disk, headers not counted.</summary>
    public static long EstimateBytes(M2Config config, ScalarType dtype)
    {
        var wide = dtype == ScalarType.Float64 ? 8 : 4;
        var routers = (long)config.NumHiddenLayers * config.NumLocalExperts * (config.HiddenSize + 1);
        return (config.ParameterCount - routers) * SafetensorsDtype.Of(dtype).Size + routers * wide;
    }

    private static IEnumerable<StoredTensor> Stored(MiniMaxM2ForCausalLM model, ScalarType dtype)
    {
        var wide = dtype == ScalarType.Float64 ? ScalarType.Float64 : ScalarType.Float32;
        return model.Weights().Select(weight => StoredTensor.Of(weight.Name, weight.Value, weight.IsKeptWide ? wide : dtype));
    }

    private static List<List<StoredTensor>> Split(IEnumerable<StoredTensor> tensors, long maxShardBytes)
    {
        var shards = new List<List<StoredTensor>> { new() };
        var size = 0L;
        foreach (var tensor in tensors)
        {
            if (size > 0 && size + tensor.ByteCount > maxShardBytes)
            {
                shards.Add([]);
                size = 0;
            }

            shards[^1].Add(tensor);
            size += tensor.ByteCount;
        }

        return shards;
    }

    private static void WriteShards(string folder, List<List<StoredTensor>> shards)
    {
        var map = new SortedDictionary<string, JsonNode?>(StringComparer.Ordinal);
        for (var i = 0; i < shards.Count; i++)
        {
            var name = ShardName(i, shards.Count);
            SafetensorsWriter.Write(Path.Combine(folder, name), shards[i]);
            foreach (var tensor in shards[i])
            {
                map[tensor.Name] = name;
            }
        }

        var index = new JsonObject
        {
            ["metadata"] = new JsonObject { ["total_size"] = shards.SelectMany(shard => shard).Sum(tensor => tensor.ByteCount) },
            ["weight_map"] = new JsonObject(map),
        };
        WriteText(folder, CheckpointFolder.IndexName, index.ToJsonString(Indented) + "\n");
    }

    // What an earlier, differently sharded checkpoint left: nothing refers to it any more.
    private static void RemoveStrayShards(string folder, int shards)
    {
        var own = Enumerable.Range(0, shards > 1 ? shards : 0).Select(i => ShardName(i, shards)).ToHashSet();
        foreach (var path in Directory.GetFiles(folder, "model-?????-of-?????.safetensors"))
        {
            if (!own.Contains(Path.GetFileName(path)))
            {
                File.Delete(path);
            }
        }
    }

    private static string ShardName(int index, int count)
        => string.Create(CultureInfo.InvariantCulture, $"model-{index + 1:D5}-of-{count:D5}.safetensors");

    private static void WriteText(string folder, string name, string text)
        => DurableFile.Write(Path.Combine(folder, name), stream => stream.Write(Encoding.UTF8.GetBytes(text)));

    private static string PublicName(ScalarType dtype) => dtype switch
    {
        ScalarType.BFloat16 => "bfloat16",
        ScalarType.Float16 => "float16",
        ScalarType.Float64 => "float64",
        _ => "float32",
    };
}
