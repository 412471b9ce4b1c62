namespace Forge.Learning.Model;

/// <summary>Picks the fastest arithmetic that a placement has.</summary>
public static class KernelChoice
{
    public static ModelKernels For(ModelPlacement placement)
    {
        ArgumentNullException.ThrowIfNull(placement);
        return new ModelKernels();
    }
}
