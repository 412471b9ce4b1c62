namespace Forge.Grpc.Tests.Official;

public sealed class GrpcJsServerTests() : OfficialServerTests("javascript");
