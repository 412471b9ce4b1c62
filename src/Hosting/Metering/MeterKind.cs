namespace Forge.Hosting.Metering;

/// <summary>How an instrument's measurements add up.</summary>
public enum MeterKind
{
    /// <summary>Increments that only rise.</summary>
    Counter,

    /// <summary>A rising total that is asked for.</summary>
    ObservedCounter,

    /// <summary>Increments of either sign.</summary>
    UpDown,

    /// <summary>The last value counts.</summary>
    Gauge,

    Histogram,
}
