using Forge.Core.Faults;

namespace Forge.Hosting.Local;

/// <summary>A server whose everything is in one folder: any process finds it from there, and it outlives the process that starts it.</summary>
public interface ILocalServer
{
    /// <summary>What people call it, such as <c>redis</c>.</summary>
    string Name { get; }

    string Folder { get; }

    /// <summary>Its first process, when it runs.</summary>
    int? ProcessId { get; }

    /// <summary>Makes the server when the folder has none, starts it unless it runs, and returns when it answers.</summary>
    /// <exception cref="ForgeException">Its programs are not installed, or do not start it; their own words are in the message.</exception>
    Task StartAsync(CancellationToken cancellationToken);

    /// <summary>Stops the server; returns when it is gone. Does nothing when it does not run.</summary>
    /// <param name="isUrgent">Whether to spare it the work that the next start can make up for.</param>
    /// <param name="cancellationToken">Gives up.</param>
    Task StopAsync(bool isUrgent, CancellationToken cancellationToken);
}
