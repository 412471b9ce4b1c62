using TorchSharp;
using static TorchSharp.torch;

namespace Forge.TorchSharp.Tests.Operators;

public sealed class TypeTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    [Fact]
    public void Numbers_beside_a_tensor_do_not_widen_it()
    {
        Assert.Equal(float32, (tensor([1f]) * 2.0).dtype);
        Assert.Equal(bfloat16, (ones(1, bfloat16) + 1).dtype);
        Assert.Equal(float32, (tensor([1L]) * 2.5).dtype);
        Assert.Equal(int64, (tensor([1L]) * 2).dtype);
    }

    [Fact]
    public void Tensors_widen_each_other()
    {
        Assert.Equal(float64, (ones(1) + ones(1, float64)).dtype);
        Assert.Equal(float32, (ones(1, bfloat16) + ones(1)).dtype);
        Assert.Equal(float32, (tensor([1]) / tensor([2])).dtype);
    }

    [Fact]
    public void Factories_take_the_default_or_the_value_s_type()
    {
        Assert.Equal(float32, zeros(2).dtype);
        Assert.Equal(int64, arange(3).dtype);
        Assert.Equal(float32, arange(0, 1, 0.5).dtype);
        Assert.Equal(int64, full([2], 7).dtype);
        Assert.Equal(float64, tensor([1.0]).dtype);
        Assert.Equal(int32, tensor([1]).dtype);
        Assert.Equal(float32, tensor(new[,] { { 1f, 2f } }).dtype);
        Assert.Equal([1, 2], tensor(new[,] { { 1f, 2f } }).shape);
    }

    [Fact]
    public void Accessor_refuses_another_type()
        => Assert.Throws<ArgumentException>(() => ones(2).data<double>());

    [Fact]
    public void Accessor_reads_in_logical_order_whatever_the_strides()
        => Assert.Equal([1f, 4f, 2f, 5f, 3f, 6f], tensor([1f, 2f, 3f, 4f, 5f, 6f]).reshape(2, 3).t().data<float>().ToArray());

    [Fact]
    public void Item_needs_one_element()
    {
        Assert.Equal(3f, tensor(3f).item<float>());
        Assert.Throws<ArgumentException>(() => ones(2).item<float>());
    }

    [Fact]
    public void Bfloat16_rounds_to_nearest_even_as_libtorch_does()
    {
        float[] values = [1f, 1.00390625f, 1.01171875f, -3.14159f, 65504f, 1e-30f, float.PositiveInfinity];

        var ours = values.Select(value => ((BFloat16)value).ToSingle()).ToArray();

        Assert.Equal(tensor(values).to(bfloat16).to(float32).data<float>().ToArray(), ours);
    }

    [Fact]
    public void Bytes_are_the_memory_itself()
    {
        var x = tensor([1, 2]);
        x.bytes[4] = 7;

        Assert.Equal([1, 7], x.data<int>().ToArray());
        x.bytes = new byte[8];
        Assert.Equal([0, 0], x.data<int>().ToArray());
        Assert.Throws<ArgumentException>(() => x.bytes = new byte[7]);
    }

    [Fact]
    public void Frombuffer_shares_the_array_s_memory()
    {
        float[] array = [1, 2, 3, 4];
        var shared = frombuffer(array, float32, count: 2, offset: 4);

        array[1] = 20;
        shared.mul_(2);

        Assert.Equal([40f, 6f], shared.data<float>().ToArray());
        Assert.Equal([1f, 40f, 6f, 4f], array);
        Assert.Throws<ArgumentException>(() => frombuffer(array, float32, count: 5));
    }

    [Fact]
    public void To_the_same_type_shares_and_copy_does_not()
    {
        var x = ones(2);

        x.to(float32).add_(1);
        x.to(float32, copy: true).add_(10);

        Assert.Equal([2f, 2f], x.data<float>().ToArray());
    }
}
