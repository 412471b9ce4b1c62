namespace Forge.Trainer.Checkpoints;

/// <summary>A checkpoint can't be read or written; the message says which, why, and what to do.</summary>
public sealed class CheckpointException : Exception
{
    public CheckpointException()
    {
    }

    public CheckpointException(string message)
        : base(message)
    {
    }

    public CheckpointException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
