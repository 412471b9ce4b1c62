namespace Forge.Core.Ports;

/// <summary>Version lags at one moment; a lag is the version being updated (or the newest one) minus the version at dispatch.</summary>
/// <param name="Version">The newest acknowledged version.</param>
/// <param name="TrainedMean">Mean lag of the groups in the last acknowledged step; 0 before the first.</param>
/// <param name="TrainedMax">Largest lag in the last acknowledged step.</param>
/// <param name="InFlightMean">Mean lag of the groups in flight, if they were trained now.</param>
/// <param name="InFlightMax">Largest lag of the groups in flight, if they were trained now.</param>
/// <param name="Paced">True when the bound S, not M, is what holds back the next dispatch.</param>
public sealed record StalenessStatus(
    long Version,
    double TrainedMean,
    long TrainedMax,
    double InFlightMean,
    long InFlightMax,
    bool Paced);
