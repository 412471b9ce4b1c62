namespace Forge.Learning.Optim;

/// <summary>How the learning rate moves after warm-up.</summary>
public enum LearningRateShape
{
    Constant,
    Linear,
    Cosine,
}
