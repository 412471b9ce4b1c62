using System.Reflection;
using static TorchSharp.torch;

namespace Forge.TorchSharp.Tests.Signatures;

public sealed class SignatureTests
{
    // Public in the official package too, but not in the listing that this test compares with.
    private static readonly HashSet<string> UnlistedTypes =
    [
        "TorchSharp.BFloat16",
        "TorchSharp.ComponentNameAttribute",
        "TorchSharp.ThreadDisposeScopeStatistics",
        "TorchSharp.Utils.OrderedDict`2",
        "TorchSharp.Utils.TensorAccessor`1",
    ];

    // Differences that callers do not see: what the listing writes in another way, and members that only we override.
    private static readonly HashSet<string> Harmless =
    [
        "void Dispose(bool disposing)",
        "void Dispose()",
        "bool Equals(Size other)",
        "TResult call(T input)",
        "static IDisposable detect_anomaly(bool check_nan = true)",
        "static IDisposable set_detect_anomaly(bool mode, bool check_nan = true)",
        "HookRemover register_forward_hook(TPostHook hook)",
        "HookRemover register_forward_hook(Action<Module> hook)",
        "HookRemover register_forward_pre_hook(TPreHook hook)",
        "HookRemover register_forward_pre_hook(Action<Module> hook)",
    ];

    [Fact]
    public void Every_public_member_exists_in_the_official_package()
    {
        var official = OfficialSignatures.Read();
        var strangers = new List<string>();
        foreach (var type in typeof(Tensor).Assembly.GetExportedTypes().Where(type => !type.IsEnum))
        {
            var path = type.FullName!.Replace('+', '.');
            if (official.TryGetValue(path, out var members))
            {
                strangers.AddRange(OwnMembers(type)
                    .Where(signature => !members.Contains(signature) && !Harmless.Contains(signature))
                    .Select(signature => $"{path}: {signature}"));
            }
            else if (!UnlistedTypes.Contains(path))
            {
                strangers.Add(path);
            }
        }

        Assert.Empty(strangers);
    }

    [Fact]
    public void Signatures_of_the_listing_are_understood()
    {
        var members = OwnMembers(typeof(Tensor)).ToHashSet();

        Assert.Contains("Tensor sum(long dim, bool keepdim = false, ScalarType? type = null)", members);
        Assert.Contains("Tensor this[params TensorIndex[] indices] { get; set; }", members);
        Assert.Contains("ValueTuple<Tensor, Tensor> topk(int k, int dim = -1, bool largest = true, bool sorted = true)", members);
    }

    private static IEnumerable<string> OwnMembers(Type type)
        => type
            .GetMembers(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly)
            .Select(SignatureText.Of)
            .OfType<string>()
            .Select(SignatureText.Normalized);
}
