namespace Forge.Trainer.Algorithms;

/// <summary>The losses that a run file can name; <see cref="LossRecipe"/> says what each is made of.</summary>
public enum LossName
{
    /// <summary>Clipped importance weights that keep every token's gradient (MiniMax-M1, arXiv 2506.13585).</summary>
    Cispo = 0,

    /// <summary>PPO's clipped ratio per token, mean per trajectory (DeepSeekMath, arXiv 2402.03300).</summary>
    Grpo = 1,

    /// <summary>GRPO without its length and difficulty biases (arXiv 2503.20783).</summary>
    DrGrpo = 2,

    /// <summary>GRPO with a higher upper bound, mean over all tokens (arXiv 2503.14476).</summary>
    Dapo = 3,

    /// <summary>One clipped ratio per response (arXiv 2507.18071).</summary>
    Gspo = 4,

    /// <summary>The plain policy gradient.</summary>
    Reinforce = 5,
}
