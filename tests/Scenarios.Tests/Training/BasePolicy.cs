using Forge.TestKit;

namespace Forge.Scenarios.Tests.Training;

/// <summary>Makes one very small policy for all tests of a class, by the supervised verb itself.</summary>
public sealed class BasePolicy : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();

    public string Checkpoint => _folder.File("base");

    public ForgeResult? Made { get; private set; }

    public async ValueTask InitializeAsync()
        => Made = await ForgeProcess.RunAsync(
            _folder.Path, "sft", "--steps", "3", "--output", Checkpoint, "--run-dir", _folder.File("sft"), "--json", "--set", "sft.batch_tokens=1024",
            "--set", "agent_side.demonstrations.vocabulary_size=400", "--set", "model.architecture.hidden_size=32", "--set", "model.architecture.layers=1",
            "--set", "model.architecture.expert_size=16", "--set", "model.architecture.experts=4");

    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }
}
