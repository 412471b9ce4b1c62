using Forge.Learning.Model;
using Forge.Learning.Model.Mixture;
using Forge.Learning.Model.Tracing;
using static TorchSharp.torch;

namespace Forge.Learning.Tests.Model;

public sealed class RouterTests
{
    [Fact]
    public void Forward_uses_the_bias_to_select_but_not_to_weigh()
    {
        using var scope = NewDisposeScope();
        using var model = TinyModel.Create(ScalarType.Float64);
        var x_ND = TinyModel.Random(1, 20, model.Config.HiddenSize);
        var bias_E = tensor(new double[] { 0, 9, 0, 0, 9, 0 }, device: TinyModel.Device);

        var routing = model.Layers[0].Mixture.Router.Forward(x_ND, bias_E, null);

        var scores_NE = routing.Logits_NE.sigmoid();
        var chosen_NC = cat([scores_NE.narrow(1, 1, 1), scores_NE.narrow(1, 4, 1)], 1);
        var expected_NC = chosen_NC.div(chosen_NC.sum([-1L], keepdim: true));
        Assert.Equal(Enumerable.Repeat(new double[] { 1, 4 }, 20).SelectMany(pair => pair), TinyModel.Values(routing.Choices_NC));
        Assert.True(TinyModel.MaxDifference(routing.Weights_NC, expected_NC) < 1e-14);
    }

    [Fact]
    public void Forward_replays_recorded_choices_and_routes_unrecorded_rows_afresh()
    {
        using var scope = NewDisposeScope();
        using var model = TinyModel.Create(ScalarType.Float64);
        var router = model.Layers[0].Mixture.Router;
        var x_ND = TinyModel.Random(2, 3, model.Config.HiddenSize);
        var bias_E = zeros(6, dtype: ScalarType.Float64, device: TinyModel.Device);
        var forced_NC = tensor(new long[] { 5, 0, -1, -1, 3, 2 }, device: TinyModel.Device).view(3, 2);

        var replayed = router.Forward(x_ND, bias_E, forced_NC);

        var free = TinyModel.Values(router.Forward(x_ND, bias_E, null).Choices_NC);
        Assert.Equal([0, 5, free[2], free[3], 2, 3], TinyModel.Values(replayed.Choices_NC));
        Assert.Equal([1, 1, 1], TinyModel.Values(replayed.Weights_NC.sum(-1)).Select(sum => Math.Round(sum, 12)));
    }

    [Fact]
    public void Replaying_a_models_own_choices_changes_nothing()
    {
        using var scope = NewDisposeScope();
        using var model = TinyModel.Create(ScalarType.Float64);
        using var trace = new ForwardTrace(TraceContents.Choices);
        var input = ModelInput.Pack([TinyModel.Ids(25)], TinyModel.Device);
        var free_ND = model.Forward(input, trace);
        var recorded_NLC = stack(trace.Layers.Select(layer => layer.Choices_NC!), 1);

        var replayed_ND = model.Forward(input with { ForcedChoices_NLC = recorded_NLC });

        Assert.Equal(0, TinyModel.MaxDifference(free_ND, replayed_ND));
    }

    [Fact]
    public void BiasUpdate_raises_idle_experts_and_lowers_busy_ones()
    {
        using var scope = NewDisposeScope();
        var bias_E = tensor(new float[] { 0.5f, 0, 0, -0.25f });

        new RouterBiasUpdate(0.125).Apply(bias_E, tensor(new double[] { 7, 1, 4, 4 }));

        Assert.Equal([0.375, 0.125, 0, -0.25], TinyModel.Values(bias_E));
    }

    [Fact]
    public void BiasUpdate_of_rate_zero_is_frozen()
    {
        using var scope = NewDisposeScope();
        var bias_E = tensor(new float[] { 0.5f, 0 });

        new RouterBiasUpdate(0).Apply(bias_E, tensor(new double[] { 7, 1 }));

        Assert.Equal([0.5, 0], TinyModel.Values(bias_E));
        Assert.Throws<ArgumentOutOfRangeException>(() => new RouterBiasUpdate(-0.1));
    }

    [Fact]
    public void Trace_counts_load_by_multiplicity()
    {
        using var scope = NewDisposeScope();
        using var model = TinyModel.Create();
        using var trace = new ForwardTrace(TraceContents.Load | TraceContents.Choices);
        var input = ModelInput.Pack([[3, 4]], TinyModel.Device) with
        {
            Multiplicity_N = tensor(new long[] { 1, 10 }, device: TinyModel.Device),
        };

        model.Forward(input, trace);

        var expected = new double[6];
        var choices = TinyModel.Values(trace.Layers[1].Choices_NC!);
        for (var i = 0; i < 4; i++)
        {
            expected[(int)choices[i]] += i < 2 ? 1 : 10;
        }

        Assert.Equal(expected, TinyModel.Values(trace.Layers[1].Load_E!));
        Assert.Null(trace.Layers[1].Hidden_ND);
    }
}
