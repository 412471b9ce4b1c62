namespace Forge.Sandbox;

/// <summary>One way of shutting programs in.</summary>
public interface ISandboxProvider
{
    /// <summary>As <c>sandbox.provider</c> names it.</summary>
    string Name { get; }

    /// <summary>Makes the sandbox of one episode; nothing runs yet. Throws a ForgeException that says what is missing where it can't work.</summary>
    Task<ISandbox> OpenAsync(SandboxSetup setup, CancellationToken cancellationToken);
}
