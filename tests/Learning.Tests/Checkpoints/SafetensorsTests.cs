using System.Buffers.Binary;
using System.Text;
using Forge.Core.Faults;
using Forge.Learning.Checkpoints.Safetensors;
using TorchSharp;
using static TorchSharp.torch;

namespace Forge.Learning.Tests.Checkpoints;

public sealed class SafetensorsTests
{
    [Theory]
    [InlineData(ScalarType.Float64)]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.Float16)]
    [InlineData(ScalarType.BFloat16)]
    [InlineData(ScalarType.Int64)]
    [InlineData(ScalarType.Int32)]
    [InlineData(ScalarType.Bool)]
    public void Write_then_read_keeps_every_bit(ScalarType dtype)
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        var original = randn([5, 3]).mul(100).to_type(dtype);

        SafetensorsWriter.Write(folder.At("x.safetensors"), new Dictionary<string, Tensor> { ["a"] = original, ["b"] = original.t() });

        using var file = SafetensorsFile.Open(folder.At("x.safetensors"));
        Assert.True(file.Read("a").Equals(original));
        Assert.True(file.Read("b").Equals(original.t()));
        Assert.Equal(dtype, file.Read("a").dtype);
    }

    [Fact]
    public void Write_keeps_metadata_scalars_and_empty_tensors_and_aligns_the_data()
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        var path = folder.At("x.safetensors");
        var tensors = new Dictionary<string, Tensor>
        {
            ["scalar"] = tensor(2.5),
            ["empty"] = zeros([0, 4]),
            ["byte"] = ones([3], dtype: ScalarType.Byte),
            ["quote\"d"] = ones([2]),
        };

        SafetensorsWriter.Write(path, tensors, new Dictionary<string, string> { ["step"] = "12" });

        using var file = SafetensorsFile.Open(path);
        Assert.Equal("12", file.Metadata["step"]);
        Assert.Equal(2.5, file.Read("scalar").ToDouble());
        Assert.Equal([0, 4], file.Read("empty").shape);
        Assert.Equal(2, file.Read("quote\"d").sum().ToSingle());
        Assert.Equal(0UL, BinaryPrimitives.ReadUInt64LittleEndian(File.ReadAllBytes(path)) % 8);
    }

    [Theory]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 4, "need 8 bytes, but 4 follow")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 12, "need 8 bytes, but 12 follow")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}""", 4, "do not fit F32 [2]")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}""", 8, "do not fit")]
    [InlineData("""{"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}""", 8, "lacks a valid")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2.5],"data_offsets":[0,8]}}""", 8, "lacks a valid")]
    [InlineData("""{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,8]}}""", 8, "do not fit")]
    [InlineData("""{"a":{"dtype":"F99","shape":[2],"data_offsets":[0,8]}}""", 8, "unknown dtype F99")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 4, "overlaps")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8, "gap")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1]}}""", 4, "lacks a valid")]
    [InlineData("""{"a":7}""", 0, "lacks a valid")]
    [InlineData("""{"a":{"dtype":"I8","shape":[1],"data_offsets":[0,1]},"a":{"dtype":"I8","shape":[1],"data_offsets":[1,2]}}""", 2, "not valid JSON")]
    [InlineData("""{"__metadata__":{"a":1}}""", 0, "__metadata__")]
    [InlineData("""[1]""", 0, "not a JSON object")]
    [InlineData("""{"a":""", 0, "not valid JSON")]
    public void Open_refuses_a_hostile_header(string header, int dataBytes, string expected)
    {
        using var folder = new TemporaryFolder();
        var path = folder.At("x.safetensors");
        File.WriteAllBytes(path, [.. Length(header.Length), .. Encoding.UTF8.GetBytes(header), .. new byte[dataBytes]]);

        var error = Assert.Throws<ForgeException>(() => SafetensorsFile.Open(path));

        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.Contains(path, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ulong.MaxValue)]
    [InlineData(1UL << 40)]
    [InlineData(100UL)]
    public void Open_refuses_a_header_longer_than_the_file(ulong length)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder.At("x"), [.. Length(length), 1, 2, 3]);

        var error = Assert.Throws<ForgeException>(() => SafetensorsFile.Open(folder.At("x")));

        Assert.Contains($"a header of {length} bytes", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_refuses_a_file_that_is_absent_or_too_short()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder.At("short"), [1, 2, 3]);

        Assert.Throws<ForgeException>(() => SafetensorsFile.Open(folder.At("absent")));
        Assert.Throws<ForgeException>(() => SafetensorsFile.Open(folder.At("short")));
    }

    [Fact]
    public void Read_of_a_file_cut_off_while_open_is_an_error()
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        var path = folder.At("x.safetensors");
        SafetensorsWriter.Write(path, new Dictionary<string, Tensor> { ["a"] = ones([100]) });
        using var file = SafetensorsFile.Open(path);
        using (var stream = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
        {
            stream.SetLength(stream.Length - 4);
        }

        var error = Assert.Throws<ForgeException>(() => file.Read("a"));

        Assert.Contains("ended inside 'a'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Random_damage_is_refused_or_read_but_never_crashes()
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        var path = folder.At("x.safetensors");
        SafetensorsWriter.Write(path, new Dictionary<string, Tensor> { ["first"] = ones([3, 5]), ["second"] = ones([7]) });
        var sound = File.ReadAllBytes(path);
        var random = new Random(11);
        for (var round = 0; round < 300; round++)
        {
            byte[] damaged = [.. sound.Take(round % 3 == 0 ? random.Next(sound.Length) : sound.Length)];
            for (var flips = 0; flips < 3 && damaged.Length > 0; flips++)
            {
                damaged[random.Next(Math.Min(damaged.Length, 160))] = (byte)random.Next(256);
            }

            File.WriteAllBytes(path, damaged);
            var error = Record.Exception(() => ReadAll(path));
            Assert.True(error is null or ForgeException, $"round {round}: {error}");
        }
    }

    private static void ReadAll(string path)
    {
        using var scope = NewDisposeScope();
        using var file = SafetensorsFile.Open(path);
        foreach (var entry in file.Entries)
        {
            file.Read(entry.Name);
        }
    }

    private static byte[] Length(long length) => Length((ulong)length);

    private static byte[] Length(ulong length)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, length);
        return bytes;
    }
}
