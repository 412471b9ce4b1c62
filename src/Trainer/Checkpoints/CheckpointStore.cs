using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Forge.Core.Faults;
using Forge.Core.Storage;

namespace Forge.Trainer.Checkpoints;

/// <summary>Keeps a run's checkpoints: each is whole or absent, the newest few and the best one stay.</summary>
/// <remarks>
/// <code>
/// checkpoints/.step-000012.tmp/   being written: files → flush → manifest.json last → flush
///             step-000012/        renamed in one step; readable by any tool of the public layout
///             .step-000012.old/   the same step written before, until the new one has its place
///             best.json           the step with the best score, never pruned
/// </code>
/// </remarks>
public sealed class CheckpointStore
{
    private const string ManifestName = "manifest.json";
    private const string BestName = "best.json";
    private const string Prefix = "step-";

    private readonly string _root;
    private readonly int _keepLast;
    private readonly bool _keepBest;

    /// <param name="root">The folder that holds all checkpoints of the run; made when missing.</param>
    /// <param name="keepLast">How many of the newest stay, at least 1.</param>
    /// <param name="keepBest">Whether the one with the best score stays too.</param>
    public CheckpointStore(string root, int keepLast, bool keepBest)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(keepLast, 1);
        _root = Directory.CreateDirectory(root).FullName;
        _keepLast = keepLast;
        _keepBest = keepBest;
        foreach (var torn in Directory.GetDirectories(_root, $".{Prefix}*.tmp"))
        {
            Directory.Delete(torn, recursive: true);
        }

        foreach (var old in Directory.GetDirectories(_root, $".{Prefix}*.old"))
        {
            PutBack(old);
        }
    }

    /// <summary>Writes one checkpoint; when this returns it survives a crash of the machine.</summary>
    /// <param name="step">Optimizer steps behind the weights.</param>
    /// <param name="writeFiles">Writes the files into the folder that it is given.</param>
    /// <returns>The checkpoint's folder.</returns>
    /// <exception cref="ForgeException">The disk is full or not writable; earlier checkpoints are untouched.</exception>
    public string Save(long step, Action<string> writeFiles)
    {
        var final = FolderOf(step);
        var temporary = Path.Combine(_root, $".{Path.GetFileName(final)}.tmp");
        try
        {
            Directory.CreateDirectory(temporary);
            writeFiles(temporary);
            WriteManifest(temporary, step);
            Exchange(temporary, final);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            TryDelete(temporary);
            throw new ForgeException(
                $"The checkpoint of step {step} could not be written to '{_root}': {error.Message} "
                + "Earlier checkpoints are untouched. Free some space or choose another --run-dir, then resume.", error);
        }

        Prune();
        return final;
    }

    /// <summary>Remembers a score; the step with the highest is the best.</summary>
    public void Score(long step, double score)
    {
        if (_keepBest && (Best() is not { } best || score >= best.Score))
        {
            DurableFile.Write(Path.Combine(_root, BestName), stream => JsonSerializer.Serialize(stream, new BestCheckpoint(step, score)));
            Prune();
        }
    }

    /// <summary>The best-scored step and its score; null when none was scored.</summary>
    public BestCheckpoint? Best()
    {
        var path = Path.Combine(_root, BestName);
        return File.Exists(path) ? JsonSerializer.Deserialize<BestCheckpoint>(File.ReadAllBytes(path)) : null;
    }

    /// <summary>Finds the newest checkpoint whose files all match their checksums; null when there is none.</summary>
    /// <param name="damaged">Told the folder and the reason of each newer one that was passed over.</param>
    public string? Latest(Action<string, string> damaged)
    {
        foreach (var step in Steps().OrderDescending())
        {
            if (Damage(FolderOf(step)) is not { } reason)
            {
                return FolderOf(step);
            }

            damaged(FolderOf(step), reason);
        }

        return null;
    }

    /// <summary>Checks a checkpoint folder against its manifest.</summary>
    /// <exception cref="ForgeException">It is damaged; the message names the file.</exception>
    public static void Verify(string folder)
    {
        if (Damage(folder) is { } reason)
        {
            throw new ForgeException($"The checkpoint '{folder}' is damaged: {reason} Use another checkpoint of the run, or start anew.");
        }
    }

    private static string? Damage(string folder)
    {
        var path = Path.Combine(folder, ManifestName);
        if (!File.Exists(path))
        {
            return $"{ManifestName} is missing.";
        }

        try
        {
            var manifest = JsonSerializer.Deserialize<CheckpointManifest>(File.ReadAllBytes(path));
            return manifest?.Files is null
                ? $"{ManifestName} lists no files."
                : manifest.Files.Select(file => FileDamage(folder, file.Key, file.Value)).FirstOrDefault(reason => reason is not null);
        }
        catch (JsonException error)
        {
            return $"{ManifestName} is not valid JSON ({error.Message}).";
        }
    }

    private static string? FileDamage(string folder, string name, string expected)
    {
        var path = Path.Combine(folder, Path.GetFileName(name));
        if (!File.Exists(path))
        {
            return $"{name} is missing.";
        }

        var actual = Checksum(path);
        return actual == expected ? null : $"{name} has SHA-256 {actual}, the manifest says {expected}.";
    }

    private static void WriteManifest(string folder, long step)
    {
        var files = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var path in Directory.GetFiles(folder))
        {
            using var handle = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite);
            RandomAccess.FlushToDisk(handle);
            files[Path.GetFileName(path)] = Checksum(path);
        }

        DurableFile.Write(
            Path.Combine(folder, ManifestName),
            stream => JsonSerializer.Serialize(stream, new CheckpointManifest(step, files)));
    }

    private static string Checksum(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }

    // A step that is written again never leaves its place empty for longer than a crash is repaired at the next start.
    private void Exchange(string temporary, string final)
    {
        var old = Path.Combine(_root, $".{Path.GetFileName(final)}.old");
        if (Directory.Exists(final))
        {
            Directory.Move(final, old);
        }

        Directory.Move(temporary, final);
        DurableFolder.Flush(_root);
        if (Directory.Exists(old))
        {
            TryDelete(old);
        }
    }

    private void PutBack(string old)
    {
        var final = Path.Combine(_root, Path.GetFileNameWithoutExtension(old)[1..]);
        if (Directory.Exists(final))
        {
            TryDelete(old);
        }
        else
        {
            Directory.Move(old, final);
            DurableFolder.Flush(_root);
        }
    }

    private void Prune()
    {
        var best = _keepBest ? Best()?.Step : null;
        foreach (var step in Steps().OrderDescending().Skip(_keepLast).Where(step => step != best))
        {
            TryDelete(FolderOf(step));
        }
    }

    private IEnumerable<long> Steps()
        => Directory.GetDirectories(_root, Prefix + "*")
            .Select(path => Path.GetFileName(path)[Prefix.Length..])
            .Where(name => long.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out _))
            .Select(name => long.Parse(name, CultureInfo.InvariantCulture));

    private string FolderOf(long step) => Path.Combine(_root, Prefix + step.ToString("D6", CultureInfo.InvariantCulture));

    // A folder that can't be removed now is removed at the next start or prune; the run must not fail for it.
    private static void TryDelete(string folder)
    {
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return;
        }
    }
}
