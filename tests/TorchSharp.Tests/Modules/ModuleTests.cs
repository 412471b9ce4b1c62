using TorchSharp;
using static TorchSharp.torch;

namespace Forge.TorchSharp.Tests.Modules;

public sealed class ModuleTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    [Fact]
    public void State_dict_has_component_names_and_persistent_buffers()
    {
        using var module = new Gated();

        Assert.Equal(
            ["_stack.0.bias", "_stack.0.weight", "_stack.1.bias", "_stack.1.weight", "gain", "places", "up_proj.weight"],
            module.state_dict().Keys.Order(StringComparer.Ordinal));
        Assert.Equal(6, module.parameters().Count());
        Assert.Equal(["places", "scratch"], module.named_buffers().Select(pair => pair.name));
    }

    [Fact]
    public void Load_state_dict_copies_values()
    {
        using var source = new Gated();
        using var target = new Gated();
        var input = randn(4, 3);

        target.load_state_dict(source.state_dict());

        Assert.True(source.call(input).Equals(target.call(input)));
    }

    [Fact]
    public void Load_state_dict_strict_names_what_is_missing_and_what_is_extra()
    {
        using var module = new Gated();
        var state = module.state_dict();
        state.Remove("gain");
        state["stranger"] = ones(1);

        var failure = Assert.Throws<InvalidOperationException>(() => module.load_state_dict(state));
        var (missing, unexpected) = module.load_state_dict(state, strict: false);

        Assert.Contains("gain", failure.Message, StringComparison.Ordinal);
        Assert.Contains("stranger", failure.Message, StringComparison.Ordinal);
        Assert.Equal(["gain"], missing);
        Assert.Equal(["stranger"], unexpected);
    }

    [Fact]
    public void Save_and_load_keep_every_value()
    {
        using var source = new Gated();
        using var target = new Gated();
        using var file = new MemoryStream();
        source.save(file);

        using var copy = new MemoryStream(file.ToArray());
        target.load(copy);

        foreach (var (name, value) in source.state_dict())
        {
            Assert.True(value.Equals(target.state_dict()[name]), name);
        }
    }

    [Fact]
    public void To_converts_floating_point_state_and_leaves_integers()
    {
        using var module = new Gated();

        module.to(float64);

        Assert.All(module.parameters(), parameter => Assert.Equal(float64, parameter.dtype));
        Assert.All(module.parameters(), parameter => Assert.True(parameter.requires_grad && parameter.is_leaf));
        Assert.Equal(int64, module.get_buffer("places")!.dtype);
        Assert.Equal(float64, module.call(randn(4, 3, float64)).dtype);
    }

    [Fact]
    public void Train_and_eval_reach_submodules()
    {
        using var module = new Gated();

        module.eval();

        Assert.All(module.modules(), one => Assert.False(one.training));
    }

    [Fact]
    public void Register_twice_is_an_error()
    {
        using var module = new Gated();

        Assert.Throws<InvalidOperationException>(() => module.register_buffer("places", ones(1)));
        Assert.Throws<ArgumentException>(() => module.register_module("a.b", nn.Linear(1, 1)));
    }

    [Fact]
    public void Hooks_run_around_forward_until_removed()
    {
        var layer = nn.Linear(1, 1, hasBias: false);
        layer.load_state_dict(new() { ["weight"] = tensor([2f]).reshape(1, 1) });
        var doubling = layer.register_forward_hook((_, _, output) => output * 2);
        var input = ones(1, 1);

        Assert.Equal(4f, (float)layer.call(input));
        doubling.remove();
        Assert.Equal(2f, (float)layer.call(input));
    }

    [Fact]
    public void Dispose_releases_parameters_and_submodules()
    {
        var module = new Gated();
        var parameters = module.parameters().ToList();

        module.Dispose();

        Assert.All(parameters, parameter => Assert.True(parameter.IsInvalid));
    }
}
