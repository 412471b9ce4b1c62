using Forge.Gateway;
using Forge.Gateway.Http;
using Forge.Hosting.RunFiles;
using Forge.Hosting.Services;

namespace Forge.Cli.Composition;

/// <summary>Opens the gateway's door for agents of any kind in a run that is one process.</summary>
internal static class AgentDoor
{
    /// <summary>Null when the run file gives the door no address.</summary>
    /// <exception cref="Core.Faults.ForgeException">It would be open to everyone, or its address is in use.</exception>
    public static async Task<HttpFront?> OpenAsync(
        RunFile run, string runDirectory, ChatGateway gateway, TimeProvider time, CancellationToken cancellationToken)
    {
        var (options, security) = (run.Section<GatewayOptions>().Http, run.Section<SecurityOptions>());
        if (options.Address is null)
        {
            return null;
        }

        var parts = new HttpFrontParts
        {
            Gateway = gateway,
            Options = options,
            Run = run.Section<RunOptions>().Name,
            RunDirectory = runDirectory,
            Keys = ServiceKeys.Ring(security, runDirectory, time),
            Security = security,
            Time = time,
        };
        return await HttpFront.StartAsync(parts, cancellationToken);
    }
}
