namespace Forge.Hosting.Tests.RunFiles;

internal enum SampleMode
{
    InOrder,
    AsFinished,
}
