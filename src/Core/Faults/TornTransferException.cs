namespace Forge.Core.Faults;

/// <summary>Weights arrived cut, damaged, or as a change of a version that is not here. Nothing of them was used; a full transfer helps.</summary>
public sealed class TornTransferException : ForgeException
{
    public TornTransferException()
    {
    }

    public TornTransferException(string message)
        : base(message)
    {
    }

    public TornTransferException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
