using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Forge.Core.Ring;

namespace Forge.DataPool.Stores;

/// <summary>What one optimizer step trained on; a batch that is rebuilt later is the same one when its hash is.</summary>
/// <param name="Step">The version that the step published.</param>
/// <param name="Groups">In the order in which the step trained them.</param>
public sealed record BatchManifest(PolicyVersion Step, ImmutableArray<BatchEntry> Groups)
{
    /// <summary>The lines of the consumption log that belong to it.</summary>
    public IEnumerable<Consumption> Consumptions
        => Groups.Select((entry, position) => new Consumption(entry.Group, ConsumptionKind.Trained, Step, position, Reason: ""));

    /// <summary>SHA-256 of the step, and of the group indices and hashes in their order; in hexadecimal.</summary>
    public string Hash
    {
        get
        {
            var text = string.Join('\n', Groups.Select(entry => $"{entry.Group} {entry.Hash}"));
            return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{Step}\n{text}")));
        }
    }
}
