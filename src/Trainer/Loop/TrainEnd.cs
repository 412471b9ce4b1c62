namespace Forge.Trainer.Loop;

/// <summary>Why a run ended.</summary>
public enum TrainEnd
{
    /// <summary>All steps were made.</summary>
    Finished,

    /// <summary>The time limit was reached.</summary>
    TimeLimit,

    /// <summary>Somebody asked it to stop; it can be resumed.</summary>
    Stopped,
}
