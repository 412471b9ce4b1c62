using System.Globalization;

namespace Forge.Core.Scheduling;

/// <summary>Computes W from a fraction of the groups in flight.</summary>
public static class WindowLength
{
    /// <summary>
    /// W = max(1, floor(ratio × groups)), computed exactly on the ratio's shortest decimal form: 0.29 of 100 is 29, although the
    /// nearest double to 0.29 lies below it and its product with 100 rounds down to 28.
    /// </summary>
    /// <param name="ratio">A finite fraction, greater than 0 and at most 1.</param>
    /// <param name="groups">M, groups in flight, at least 1.</param>
    public static int FromRatio(double ratio, int groups)
    {
        if (!(ratio > 0 && ratio <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(ratio), ratio, "The window's ratio must be greater than 0 and at most 1.");
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(groups, 1);
        var written = ratio.ToString("R", CultureInfo.InvariantCulture);
        var exact = decimal.Parse(written, NumberStyles.Float, CultureInfo.InvariantCulture);
        return Math.Max(1, (int)decimal.Floor(exact * groups));
    }
}
