using System.Reflection;
using System.Runtime.InteropServices;
using TorchSharp.Interop;
using static TorchSharp.torch;

namespace Forge.TorchSharp.Tests.Operators;

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
            catch (ExternalException) when (NewerOperators.Contains(field.Name) && __version__[0] == '1')
            {
                // Composed from others there.
            }
            catch (ExternalException)
            {
                missing.Add(field.Name);
            }
        }

        Assert.Empty(missing);
    }

    [Fact]
    public void Call_with_mismatched_shapes_is_an_error_with_both_shapes()
    {
        using var scope = NewDisposeScope();

        var failure = Assert.Throws<ExternalException>(() => ones(2, 3).matmul(ones(4, 5)));

        Assert.Contains("2x3 and 4x5", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Call_of_an_unknown_operator_names_it()
    {
        Op unknown = "no_such_operator.here";

        var failure = Assert.Throws<ExternalException>(() => unknown.Call(1L));

        Assert.Contains("aten::no_such_operator.here", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Call_without_a_required_argument_names_it()
    {
        using var scope = NewDisposeScope();
        Op matmul = "matmul";

        var failure = Assert.Throws<ExternalException>(() => matmul.Call(ones(2)));

        Assert.Contains("'other'", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Call_with_too_many_arguments_says_so()
    {
        using var scope = NewDisposeScope();
        Op abs = "abs";

        Assert.Contains("at most 1", Assert.Throws<ExternalException>(() => abs.Call(ones(2), 1L, 2L)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Call_fills_trailing_defaults_of_the_schema()
    {
        using var scope = NewDisposeScope();
        Op add = "add.Tensor";
        Op softplus = "softplus";

        Assert.Equal(5f, (float)add.Call(tensor(2f), tensor(3f)));
        Assert.Equal(8f, (float)add.Call(tensor(2f), tensor(3f), 2L));
        Assert.Equal(Math.Log(1 + Math.E), (double)softplus.Call(tensor(1.0), Arg.Default, Arg.Default), 1e-12);
    }

    [Fact]
    public void Call_after_a_failure_works()
    {
        using var scope = NewDisposeScope();
        Assert.Throws<ExternalException>(() => ones(2).view(3));

        Assert.Equal(2f, (float)ones(2).sum());
    }

    [Fact]
    public void Call_with_a_list_longer_than_the_stack_block_keeps_every_number()
    {
        using var scope = NewDisposeScope();
        var sizes = Enumerable.Repeat(1L, 300).ToArray();

        var parts = arange(300, dtype: int64).split(sizes);

        Assert.Equal(300, parts.Length);
        Assert.Equal(299, (long)parts[^1]);
    }

    [Fact]
    public void Call_with_a_disposed_tensor_is_an_exception()
    {
        var gone = ones(2);
        gone.Dispose();

        Assert.Throws<InvalidOperationException>(() => gone.abs());
    }
}
