using Forge.Learning.Model;
using Forge.Learning.Model.Tracing;
using Forge.Learning.Optim;
using static TorchSharp.torch;
using AdamW = Forge.Learning.Optim.AdamW;

namespace Forge.Learning.Tests.Model;

[Collection(nameof(AloneInTheProcess))]
public sealed class MemoryTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Training_steps_leave_no_handle_behind(bool reference)
    {
        using var model = TinyModel.Create(kernels: reference ? new ModelKernels() : null);
        using var optimizer = new AdamW(model.named_parameters(), new AdamWOptions());
        Train(model, optimizer);
        Settle();
        var before = Tensor.TotalCount;

        for (var step = 0; step < 5; step++)
        {
            Train(model, optimizer);
        }

        Assert.InRange(Tensor.TotalCount, 0, before);
    }

    private static void Train(MiniMaxM2ForCausalLM model, AdamW optimizer)
    {
        using var scope = NewDisposeScope();
        var input = ModelInput.Pack([TinyModel.Ids(9), TinyModel.Ids(6)], TinyModel.Device);
        using var trace = new ForwardTrace(TraceContents.All);
        model.Score(model.Forward(input, trace), input.Ids_N).LogProb_M.sum().backward();
        GradientClip.Clip(model.parameters(), 1.0);
        optimizer.Step(1e-3);
        optimizer.ZeroGrad();
    }

    // What other tests left to the collector must not vanish in the middle of the count. A finalizer may let go of further garbage:
    // a tensor of the graph that held its tensors.
    private static void Settle()
    {
        long before;
        do
        {
            before = Tensor.TotalCount;
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
        while (Tensor.TotalCount != before);
    }
}
