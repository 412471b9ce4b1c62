namespace Forge.Grpc.Tests.Official;

public sealed class PythonServerTests() : OfficialServerTests("python");
