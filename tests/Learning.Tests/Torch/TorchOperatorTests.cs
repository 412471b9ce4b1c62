using Forge.Learning.Torch;
using static TorchSharp.torch;

namespace Forge.Learning.Tests.Torch;

public sealed class TorchOperatorTests
{
    [Fact]
    public void Call_reaches_an_operator_by_name_with_defaults_filled_in()
    {
        using var scope = NewDisposeScope();
        var add = TorchOperator.Find("aten::add.Tensor");

        Assert.StartsWith("aten::add.Tensor(Tensor self, Tensor other", add.Schema, StringComparison.Ordinal);
        Assert.Equal([3f, 5f], add.Call(tensor([1f, 2f]), tensor([2f, 3f])).data<float>().ToArray());
        Assert.Equal([5f, 8f], add.Call(tensor([1f, 2f]), tensor([2f, 3f]), 2).data<float>().ToArray());
    }

    [Fact]
    public void Call_takes_part_in_autograd()
    {
        using var scope = NewDisposeScope();
        var x = tensor([2f], requires_grad: true);

        TorchOperator.Find("aten::mul.Tensor").Call(x, x).backward();

        Assert.Equal(4f, x.grad!.item<float>());
    }

    [Fact]
    public void CallMany_takes_lists_and_gives_lists()
    {
        using var scope = NewDisposeScope();
        var joined = TorchOperator.Find("aten::cat").Call(new[] { ones(2), zeros(1) }, 0);

        var parts = TorchOperator.Find("aten::split_with_sizes").CallMany(joined, new[] { 1L, 2L });

        Assert.Equal([2L], parts[1].shape);
        Assert.Equal([1f, 0f], parts[1].data<float>().ToArray());
    }

    [Fact]
    public void Run_changes_its_arguments()
    {
        using var scope = NewDisposeScope();
        var x = ones(2);

        TorchOperator.Find("aten::fill_.Scalar").Run(x, 3.0);

        Assert.Equal([3f, 3f], x.data<float>().ToArray());
    }

    [Fact]
    public void Find_unknown_names_it()
    {
        Assert.False(TorchOperator.Exists("aten::nothing_like_it"));
        Assert.Contains(
            "aten::nothing_like_it",
            Assert.Throws<InvalidOperationException>(() => TorchOperator.Find("aten::nothing_like_it")).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Call_failure_carries_the_reason()
    {
        using var scope = NewDisposeScope();

        var failure = Assert.Throws<InvalidOperationException>(() => TorchOperator.Find("aten::mm").Call(ones(2, 3), ones(2, 3)));

        Assert.Contains("2x3", failure.Message, StringComparison.Ordinal);
    }
}
