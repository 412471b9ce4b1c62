using TorchSharp;
using static TorchSharp.torch;

namespace Forge.Learning.Bench;

/// <summary>A two-layer regression that trains one step at a time, each in a dispose scope of its own.</summary>
internal sealed class TinyTraining
{
    // B rows, I inputs, H hidden units.
    private const int Rows = 64;
    private const int Inputs = 32;
    private const int Hidden = 128;

    private readonly nn.Module<Tensor, Tensor> _model;
    private readonly optim.Optimizer _optimizer;
    private readonly Tensor _x_BI;
    private readonly Tensor _y_B1;

    internal TinyTraining()
    {
        _model = nn.Sequential(nn.Linear(Inputs, Hidden), nn.SiLU(), nn.Linear(Hidden, 1));
        _optimizer = optim.AdamW(_model.parameters(), lr: 1e-3);
        _x_BI = randn(Rows, Inputs);
        _y_B1 = _x_BI.sum(1, keepdim: true).sin();
    }

    internal double Step()
    {
        using var scope = NewDisposeScope();
        _optimizer.zero_grad();
        var loss = nn.functional.mse_loss(_model.call(_x_BI), _y_B1);
        loss.backward();
        nn.utils.clip_grad_norm_(_model.parameters(), 1);
        _optimizer.step();
        return loss.ToDouble();
    }
}
