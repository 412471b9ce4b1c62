namespace Forge.Harness.Tests;

public sealed class HarnessPackages() : NodePackages("examples/harnesses");
