namespace Forge.Hosting.RunFiles;

/// <summary>One value of a run file that remembers where it was written.</summary>
/// <param name="Place">File and line, or the command-line option.</param>
internal abstract record RunNode(string Place);
