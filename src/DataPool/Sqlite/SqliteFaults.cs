using Forge.Core.Faults;
using Microsoft.Data.Sqlite;

namespace Forge.DataPool.Sqlite;

/// <summary>Turns SQLite's error codes into messages that say what to do.</summary>
internal static class SqliteFaults
{
    public const int Constraint = 19;

    private const int Busy = 5;
    private const int ReadOnly = 8;
    private const int InputOutput = 10;
    private const int Corrupt = 11;
    private const int Full = 13;
    private const int CannotOpen = 14;
    private const int NotADatabase = 26;

    public static bool IsNoDatabase(SqliteException fault) => fault.SqliteErrorCode == NotADatabase;

    public static ForgeException Translate(SqliteException fault, string path) => fault.SqliteErrorCode switch
    {
        Corrupt or NotADatabase => new ForgeException(
            $"'{path}' is damaged ({fault.Message}). Restore it from a copy, or move it away and start the run anew from its last checkpoint.", fault),
        Full => new ForgeException(
            $"The disk is full: '{path}' can't grow. Free some space and resume; what was acknowledged is kept.", fault),
        InputOutput => new ForgeException($"'{path}' can't be read or written ({fault.Message}). Check the disk and resume.", fault),
        ReadOnly => new ForgeException($"'{path}' is read-only. Make it and its folder writable.", fault),
        CannotOpen => new ForgeException($"'{path}' can't be opened ({fault.Message}). Check that the folder exists and is writable.", fault),
        Busy => new ForgeException($"'{path}' is locked by another program. Close it and try again.", fault) { IsTransient = true },
        _ => new ForgeException($"'{path}': {fault.Message}", fault),
    };
}
