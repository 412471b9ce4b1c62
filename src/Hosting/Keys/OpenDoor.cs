namespace Forge.Hosting.Keys;

/// <summary>Says whether requests without a key are let in: only where no key is configured and only this machine can connect.</summary>
internal sealed record OpenDoor(bool IsOpen);
