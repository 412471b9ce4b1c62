using System.Reflection;
using TorchSharp.Interop;
using static TorchSharp.torch;

namespace Forge.TorchSharp.Tests;

public sealed class OperatorTests
{
    // Operators of libtorch 2 that 1.13 lacks; the API has another way there.
    private static readonly HashSet<string> NewerOperators = ["scaled_dot_product_attention"];

    [Fact]
    public void Every_operator_that_the_api_calls_exists_in_this_libtorch()
    {
        var missing = new List<string>();
        foreach (var field in typeof(Ops).GetFields(BindingFlags.NonPublic | BindingFlags.Static))
        {
            try
            {
                ((Op)field.GetValue(null)!).Find();
            }
            catch (System.Runtime.InteropServices.ExternalException) when (NewerOperators.Contains(field.Name))
            {
                Assert.StartsWith("1.", __version__, StringComparison.Ordinal);
            }
            catch (System.Runtime.InteropServices.ExternalException)
            {
                missing.Add(field.Name);
            }
        }

        Assert.Empty(missing);
    }

    [Fact]
    public void Add_broadcasts_over_leading_dimensions()
    {
        using var scope = NewDisposeScope();
        var left = tensor([1f, 2f, 3f, 4f, 5f, 6f]).reshape(2, 3);
        var right = tensor([10f, 20f, 30f]);

        var sum = left + right;

        Assert.Equal([11f, 22f, 33f, 14f, 25f, 36f], sum.data<float>().ToArray());
    }
}
