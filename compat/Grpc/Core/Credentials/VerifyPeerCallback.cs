namespace Grpc.Core;

/// <summary>Says whether a server's certificate is accepted.</summary>
public delegate bool VerifyPeerCallback(VerifyPeerContext context);
