using System.Buffers.Binary;
using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;

namespace Forge.Hosting.Keys;

/// <summary>Knows which keys a service accepts, as hashes, and makes narrower keys from wider ones. Safe for use by many threads.</summary>
public sealed class KeyRing(TimeProvider time)
{
    private const int SecretBytes = 24;
    private const int LeastSweep = 1024;

    // Hashes of unguessable keys: that they are found by their first bytes tells an attacker nothing about any other hash.
    private readonly ConcurrentDictionary<ulong, KeyGrant> _grants = new();
    private int _sweepAt = LeastSweep;

    /// <summary>How many keys are kept.</summary>
    internal int Count => _grants.Count;

    /// <summary>True when no key was ever added: nobody can prove who they are.</summary>
    public bool IsEmpty => _grants.IsEmpty;

    /// <summary>Accepts a key from now on.</summary>
    public void Add(string key, KeyScope scope) => Add(new KeyGrant(HashOf(key), scope, DateTimeOffset.MaxValue));

    /// <summary>Accepts a key of which only the hash is known.</summary>
    public void Add(KeyGrant grant) => _grants[Index(grant.Hash.Span)] = grant;

    /// <summary>Finds what a key may touch; null when it is unknown or has expired.</summary>
    public KeyScope? Find(string key) => FindGrant(key)?.Scope;

    /// <summary>Makes a key whose scope is what <paramref name="parent"/> and <paramref name="wanted"/> have in common; it never outlives its parent.</summary>
    /// <param name="parent">The caller's key.</param>
    /// <param name="wanted">The scope that the caller asks for.</param>
    /// <param name="lifetime">How long the new key is accepted.</param>
    /// <returns>The new key, which exists nowhere else, and its scope; null when the parent is not accepted or they have nothing in common.</returns>
    public (string Key, KeyScope Scope)? Mint(string parent, KeyScope wanted, TimeSpan lifetime)
    {
        if (FindGrant(parent) is not { } grant || grant.Scope.Intersect(wanted) is not { } scope)
        {
            return null;
        }

        var key = $"forge-{scope.Level.ToString().ToLowerInvariant()}-{Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(SecretBytes))}";
        var now = time.GetUtcNow();
        var ends = lifetime < grant.Expires - now ? now + lifetime : grant.Expires;
        Sweep(now);
        Add(new KeyGrant(HashOf(key), scope, ends));
        return (key, scope);
    }

    /// <summary>Accepts a key no longer.</summary>
    public void Revoke(string key)
    {
        if (FindGrant(key) is { } grant)
        {
            _grants.TryRemove(Index(grant.Hash.Span), out _);
        }
    }

    /// <summary>A new admin key.</summary>
    public static string NewToken() => $"forge-admin-{Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(SecretBytes))}";

    /// <summary>What is kept of a key.</summary>
    public static byte[] HashOf(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));

    // Whoever mints for every episode leaves expired keys behind; looking at all of them each time the number has doubled costs little.
    private void Sweep(DateTimeOffset now)
    {
        if (_grants.Count < Volatile.Read(ref _sweepAt))
        {
            return;
        }

        foreach (var (index, grant) in _grants)
        {
            if (grant.Expires <= now)
            {
                _grants.TryRemove(index, out _);
            }
        }

        Volatile.Write(ref _sweepAt, Math.Max(LeastSweep, 2 * _grants.Count));
    }

    private KeyGrant? FindGrant(string key)
    {
        var hash = HashOf(key);
        return _grants.TryGetValue(Index(hash), out var grant) && CryptographicOperations.FixedTimeEquals(grant.Hash.Span, hash)
            && time.GetUtcNow() < grant.Expires
            ? grant : null;
    }

    private static ulong Index(ReadOnlySpan<byte> hash) => BinaryPrimitives.ReadUInt64LittleEndian(hash);
}
