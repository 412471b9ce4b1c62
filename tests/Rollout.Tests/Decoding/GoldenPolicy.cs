using System.Text.Json;
using Forge.Core.Ring;
using Forge.Rollout.Decoding;
using Forge.TestKit;

namespace Forge.Rollout.Tests.Decoding;

/// <summary>A tiny policy whose outputs were computed by another implementation.</summary>
internal sealed class GoldenPolicy
{
    public GoldenPolicy(string folder)
    {
        using var config = JsonDocument.Parse(File.ReadAllBytes(Golden.Path($"{folder}/config.json")));
        var root = config.RootElement;
        int Get(string key) => root.GetProperty(key).GetInt32();
        Shape = new PolicyShape(
            Get("vocab_size"),
            Get("hidden_size"),
            Get("num_hidden_layers"),
            Get("num_attention_heads"),
            Get("num_key_value_heads"),
            Get("head_dim"),
            Get("rotary_dim"),
            Get("num_local_experts"),
            Get("num_experts_per_tok"),
            Get("intermediate_size"),
            root.GetProperty("rope_theta").GetDouble(),
            root.GetProperty("rms_norm_eps").GetDouble());
        var files = Directory.GetFiles(Golden.Path(folder), "*.safetensors");
        Weights = new PolicyWeights(PolicyVersion.Initial, [.. files.SelectMany(file => new SafetensorsFile(file).Tensors)]);
        Outputs = new SafetensorsFile(Golden.Path($"{folder}/golden/outputs.safetensors"));
    }

    public PolicyShape Shape { get; }

    public PolicyWeights Weights { get; }

    public SafetensorsFile Outputs { get; }
}
