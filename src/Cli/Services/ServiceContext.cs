using Forge.Cli.Composition;
using Forge.Hosting.RunFiles;
using Forge.Hosting.Services;

namespace Forge.Cli.Services;

/// <summary>What a service process is composed from.</summary>
/// <param name="Name">Which service.</param>
/// <param name="Run">The run file that all its processes share.</param>
/// <param name="RunDirectory">The run's folder, absolute.</param>
/// <param name="Channels">Reaches the others.</param>
internal sealed record ServiceContext(ServiceName Name, RunFile Run, string RunDirectory, ServiceChannels Channels)
{
    public ulong Seed => Run.Section<RunOptions>().Seed;

    public ServiceHostParts Parts => ServiceHostParts.Of(Name, Run.Section<RunOptions>().Name, Run, RunDirectory);
}
