using Forge.Core.Faults;
using Forge.Core.Ring;
using Forge.Learning.Checkpoints;
using Forge.Learning.Model;
using Forge.TestKit;
using Forge.Trainer.Checkpoints;
using Forge.Trainer.Steps;
using static TorchSharp.torch;

namespace Forge.Trainer.Tests.Checkpoints;

public sealed class TrainerCheckpointTests : IDisposable
{
    private static readonly TrainerOptions Options = new() { LearningRate = 1e-2, WarmupSteps = 0 };
    private static readonly TrainerState State = new(3, 4, [7, 9], 24, 1234, TimeSpan.FromSeconds(5.5));

    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData(ScalarType.Float64)]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.BFloat16)]
    public void Read_restores_weights_optimizer_and_counters_bit_for_bit(ScalarType dtype)
    {
        using var model = TinyPolicy.Create(dtype);
        using var optimizer = new PolicyOptimizer(model, Options);
        Move(model, optimizer, seed: 1);
        var folder = Save(model, optimizer);
        using var restored = TinyPolicy.Create(dtype);
        using var restoredOptimizer = new PolicyOptimizer(restored, Options);

        var state = TrainerCheckpoint.Read(folder, restored, restoredOptimizer.Adam);

        Assert.Equivalent(State, state, strict: true);
        Assert.Equal(Weights(model), Weights(restored));
        Move(model, optimizer, seed: 2);
        Move(restored, restoredOptimizer, seed: 2);
        Assert.Equal(Weights(model), Weights(restored));
        Assert.Equal(2, restoredOptimizer.Adam.StepCount);
    }

    [Theory]
    [InlineData("model.safetensors")]
    [InlineData("optimizer.safetensors")]
    [InlineData("trainer.json")]
    [InlineData("config.json")]
    public void Read_refuses_a_torn_file_by_name_and_leaves_the_model_alone(string name)
    {
        using var model = TinyPolicy.Create();
        using var optimizer = new PolicyOptimizer(model, Options);
        var folder = Save(model, optimizer);
        var path = Path.Combine(folder, name);
        File.WriteAllBytes(path, File.ReadAllBytes(path)[..^1]);
        Move(model, optimizer, seed: 1);
        var before = Weights(model);

        var error = Assert.Throws<ForgeException>(() => TrainerCheckpoint.Read(folder, model, optimizer.Adam));

        Assert.Contains(name, error.Message, StringComparison.Ordinal);
        Assert.Equal(before, Weights(model));
    }

    [Fact]
    public void EstimateBytes_is_about_what_the_files_take()
    {
        using var model = TinyPolicy.Create(ScalarType.Float32);
        using var optimizer = new PolicyOptimizer(model, Options);
        Move(model, optimizer, seed: 1);

        var estimate = TrainerCheckpoint.EstimateBytes(model, optimizer.Adam);

        var actual = Directory.GetFiles(Save(model, optimizer)).Where(path => path.EndsWith(".safetensors", StringComparison.Ordinal))
            .Sum(path => new FileInfo(path).Length);
        Assert.InRange(estimate, actual * 0.6, actual * 1.4);
    }

    public void Dispose() => _folder.Dispose();

    private string Save(MiniMaxM2ForCausalLM model, PolicyOptimizer optimizer)
        => new CheckpointStore(_folder.Path, 2, keepBest: false).Save(3, folder => TrainerCheckpoint.Write(folder, model, optimizer.Adam, null, State));

    private static void Move(MiniMaxM2ForCausalLM model, PolicyOptimizer optimizer, int seed)
    {
        using var scope = NewDisposeScope();
        var random = new Random(seed);
        foreach (var parameter in model.parameters())
        {
            var values = Enumerable.Range(0, (int)parameter.numel()).Select(_ => random.NextDouble() - 0.5).ToArray();
            parameter.mul(tensor(values).reshape(parameter.shape).to_type(parameter.dtype)).sum().backward();
        }

        optimizer.Step([zeros(4), zeros(4)]);
    }

    private static byte[] Weights(MiniMaxM2ForCausalLM model)
        => [.. PolicyWeightsCodec.ToPolicyWeights(model, PolicyVersion.Initial).Tensors.SelectMany(tensor => tensor.Data.ToArray())];
}
