using System.Reflection;
using Forge.TorchSharp.Tests.Signatures;
using Grpc.Core;

namespace Forge.Grpc.Tests.Signatures;

/// <summary>Compares the stand-in with the official listing: what the packages lack must not be here, or other code could use it.</summary>
public sealed class SignatureTests
{
    // Official packages too, but not in the listing: Grpc.HealthCheck, Grpc.AspNetCore.HealthChecks, Grpc.Reflection and its ASP.NET Core part.
    private static readonly string[] Unlisted =
    [
        "Grpc.Health", "Grpc.Reflection", "Grpc.AspNetCore.HealthChecks",
        "Microsoft.AspNetCore.Builder.GrpcHealth", "Microsoft.AspNetCore.Builder.GrpcReflection",
        "Microsoft.Extensions.DependencyInjection.GrpcHealth", "Microsoft.Extensions.DependencyInjection.GrpcReflection",
    ];

    // What the listing writes in another way, and an override of what the base class has.
    private static readonly HashSet<string> Harmless =
    [
        "Grpc.Core.ServerCallContext: Status StatusCore { get; }",
        "Grpc.Core.ServerCallContext: WriteOptions WriteOptionsCore { get; }",
        "Grpc.Core.WriteOptions: new(WriteFlags flags = )",
        "Grpc.Net.Client.GrpcChannel: Task ShutdownAsyncCore()",
    ];

    [Fact]
    public void Every_public_member_exists_in_the_official_packages()
    {
        var official = ReadListing();
        var strangers = new List<string>();
        foreach (var type in typeof(RpcException).Assembly.GetExportedTypes()
            .Where(type => !type.IsEnum && !type.IsSubclassOf(typeof(Delegate)) && !Unlisted.Any(prefix => type.FullName!.StartsWith(prefix, StringComparison.Ordinal))))
        {
            var path = type.FullName!.Replace('+', '.');
            strangers.AddRange(official.TryGetValue(path, out var members)
                ? OwnMembers(type).Where(member => !members.Contains(member)).Select(member => $"{path}: {member}").Where(member => !Harmless.Contains(member))
                : [path]);
        }

        Assert.True(strangers.Count == 0, string.Join("\n", strangers));
    }

    [Fact]
    public void The_listing_is_understood()
        => Assert.Contains("Task<bool> MoveNext(CancellationToken cancellationToken)", ReadListing()["Grpc.Core.IAsyncStreamReader`1"]);

    private static Dictionary<string, HashSet<string>> ReadListing()
    {
        using var stream = typeof(SignatureTests).Assembly.GetManifestResourceStream("official-signatures.txt")!;
        using var reader = new StreamReader(stream);
        var types = new Dictionary<string, HashSet<string>>();
        HashSet<string> members = [];
        while (reader.ReadLine() is { } line)
        {
            if (line.StartsWith("  ", StringComparison.Ordinal))
            {
                members.Add(SignatureText.Normalized(line.Trim()));
                continue;
            }

            // "static class A.B`1 : C" → "A.B`1"; a type may be listed twice, once per package.
            var name = line.Split(" : ")[0].Split(' ')[^1];
            members = types.TryGetValue(name, out var known) ? known : types[name] = [];
        }

        return types;
    }

    private static IEnumerable<string> OwnMembers(Type type)
        => type
            .GetMembers(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly)
            .Select(SignatureText.Of)
            .OfType<string>()
            .Select(SignatureText.Normalized);
}
