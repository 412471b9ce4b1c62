namespace Forge.Harness.Tests;

public sealed class AgentPackages() : NodePackages("examples/agents");
