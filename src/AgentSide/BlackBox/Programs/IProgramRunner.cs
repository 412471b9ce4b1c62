using Forge.Core.Faults;

namespace Forge.AgentSide.BlackBox.Programs;

/// <summary>Starts the program of one episode: as a plain process, or shut in.</summary>
public interface IProgramRunner
{
    /// <summary>
    /// Runs the program until it ends by itself or is stopped. When this returns or throws, nothing that it started runs any more, and its
    /// output is in the files that were asked for.
    /// </summary>
    /// <param name="start">What to run, where.</param>
    /// <param name="stop">Kills it; that is an end like any other, no exception.</param>
    /// <exception cref="EnvironmentFaultException">It could not be started.</exception>
    Task<ProgramEnd> RunAsync(ProgramStart start, CancellationToken stop);
}
