using Forge.Learning.Model;
using Forge.Learning.Model.Attention;
using static TorchSharp.torch;

namespace Forge.Learning.Tests.Model;

public sealed class LifetimeTests
{
    [Fact]
    public void Forward_leaves_nothing_but_its_result_in_the_callers_scope()
    {
        using var model = TinyModel.Create();
        using var outer = NewDisposeScope();
        var input = ModelInput.Pack([TinyModel.Ids(8)], TinyModel.Device);
        using var scope = NewDisposeScope();

        var hidden_ND = model.Forward(input);

        Assert.Equal(1, scope.DisposablesCount);
        Assert.True(scope.Contains(hidden_ND));
    }

    [Fact]
    public void ForwardCached_leaves_nothing_but_its_result_in_the_callers_scope()
    {
        using var model = TinyModel.Create();
        using var cache = new KvCache(model.Config, model.Placement, slots: 2, capacity: 8);
        using var scope = NewDisposeScope();

        model.ForwardCached(new CachedRows([1, 2, 3], [0, 0, 1], [0, 1, 0]), cache);

        Assert.Equal(1, scope.DisposablesCount);
    }

    [Fact]
    public void Score_leaves_nothing_but_its_results_in_the_callers_scope()
    {
        using var model = TinyModel.Create();
        using var outer = NewDisposeScope();
        var hidden_ND = zeros([2, model.Config.HiddenSize], device: TinyModel.Device);
        var targets_N = tensor(new long[] { 5, 6 }, device: TinyModel.Device);
        using var scope = NewDisposeScope();

        model.Score(hidden_ND, targets_N);

        Assert.Equal(2, scope.DisposablesCount);
    }
}
