// N rows, D model, E experts, C choices per row
using Forge.Learning.Model.Parts;
using static TorchSharp.torch;

namespace Forge.Learning.Model.Mixture;

/// <summary>
/// Chooses experts by sigmoid score plus a selection bias, and weighs them by the unbiased scores (arXiv 2408.15664).
/// </summary>
public sealed class Router : nn.Module
{
    private readonly ScalarType _wideDtype;

    internal Router(string name, int width, int experts, int choices, ModelPlacement placement, ModelKernels kernels)
        : base(name)
    {
        Choices = choices;
        _wideDtype = placement.WideDtype;
        Gate = new Projection(name, width, experts, placement.Device, placement.WideDtype, kernels);
        register_parameter("weight", Gate.Weight_MD);
    }

    /// <summary>Row scores before the sigmoid; its weight is kept in at least fp32.</summary>
    public Projection Gate { get; }

    /// <summary>Experts per row.</summary>
    public int Choices { get; }

    /// <param name="x_ND">Normed rows.</param>
    /// <param name="bias_E">Added for selection only, never to the weights.</param>
    /// <param name="forced_NC">Recorded choices to replay, int64; a negative entry leaves its whole row to the
    /// router.</param>
    public Routing Forward(Tensor x_ND, Tensor bias_E, Tensor? forced_NC)
    {
        using var scope = NewDisposeScope();
        var logits_NE = Gate.Forward(x_ND.to_type(_wideDtype));
        var scores_NE = logits_NE.sigmoid();
        var choices_NC = Choose(scores_NE, bias_E, forced_NC);

        // g_i = s_i / sum over the chosen j of s_j
        var chosen_NC = scores_NE.gather(1, choices_NC);
        var weights_NC = chosen_NC.div(chosen_NC.sum([-1L], keepdim: true));
        return new Routing(logits_NE, choices_NC, weights_NC).MoveToOuterDisposeScope();
    }

    private Tensor Choose(Tensor scores_NE, Tensor bias_E, Tensor? forced_NC)
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        var (_, free_NC) = scores_NE.add(bias_E).topk(Choices, -1, largest: true, sorted: false);
        if (forced_NC is not null)
        {
            var replayed_N1 = forced_NC.ge(0).all(1, keepdim: true);
            free_NC = where(replayed_N1, forced_NC, free_NC);
        }

        return free_NC.sort(-1).Item1.MoveToOuterDisposeScope();
    }
}
