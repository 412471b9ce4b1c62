namespace Forge.Cli.Bench.Rpc;

/// <summary>One implementation, client and server. Times are what the caller waits for one call, in microseconds; megabytes are 10^6 bytes.</summary>
internal sealed record GrpcBenchRow(
    string Implementation,
    double CallsPerS,
    double P50Us,
    double P99Us,
    double CallsPerS64InFlight,
    double P50Us64InFlight,
    double P99Us64InFlight,
    double StreamedMbPerS);
