using Forge.Core.Ring;
using Forge.Learning.Model.Configuration;
using Forge.TestKit;

namespace Forge.Rollout.Tests.Decoding;

/// <summary>A tiny policy whose outputs were computed by another implementation.</summary>
internal sealed class GoldenPolicy
{
    public GoldenPolicy(string folder)
    {
        Config = M2ConfigReader.Read(Golden.Path(folder));
        var files = Directory.GetFiles(Golden.Path(folder), "*.safetensors");
        Weights = new PolicyWeights(PolicyVersion.Initial, [.. files.SelectMany(file => new SafetensorsFile(file).Tensors)]);
        Outputs = new SafetensorsFile(Golden.Path($"{folder}/golden/outputs.safetensors"));
    }

    public M2Config Config { get; }

    public PolicyWeights Weights { get; }

    public SafetensorsFile Outputs { get; }
}
