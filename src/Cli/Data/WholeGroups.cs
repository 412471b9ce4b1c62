using System.Runtime.CompilerServices;
using Forge.Core.Ring;
using Forge.DataPool.Archive;

namespace Forge.Cli.Data;

/// <summary>Reads the groups that have everything in them, in dispatch order, one in memory at a time, and counts those that were pruned.</summary>
internal sealed class WholeGroups(PoolArchive pool)
{
    private const int Page = 256;

    private long _pruned;

    /// <summary>Finished, trained and skipped groups.</summary>
    public async IAsyncEnumerable<Group> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (var first = 0L; ;)
        {
            var page = await pool.ListAsync(new GroupId(first), Page, cancellationToken);
            _pruned += page.Count(line => line.IsPruned);
            foreach (var line in page.Where(line => line.IsWhole))
            {
                yield return await pool.ReadGroupAsync(line.Id, cancellationToken);
            }

            if (page.Length < Page)
            {
                yield break;
            }

            first = page[^1].Id.Value + 1;
        }
    }

    /// <summary>Says on the error stream what was left out, when anything was.</summary>
    public void SayPruned()
    {
        if (_pruned > 0)
        {
            Console.Error.WriteLine($"forge: {_pruned} groups are left out: they were pruned, their tokens are gone");
        }
    }
}
