namespace Forge.Hosting.RunFiles;

/// <summary>
/// Marks an option whose value must come from the environment: the run file says <c>${NAME}</c>, and the resolved file keeps saying so.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class SecretAttribute : Attribute;
