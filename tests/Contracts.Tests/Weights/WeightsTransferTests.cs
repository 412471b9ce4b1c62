using Forge.Contracts.V1;
using Forge.Contracts.Weights;
using Forge.Core.Faults;
using Forge.Core.Ring;
using FsCheck;
using FsCheck.Fluent;
using Google.Protobuf;

namespace Forge.Contracts.Tests.Weights;

/// <summary>A transfer arrives bit for bit, or nothing of it is used.</summary>
public sealed class WeightsTransferTests(ITestOutputHelper output)
{
    private static readonly WeightsImage Base = WeightsImage.Of(SampleWeights.Policy(version: 7, seed: 1));

    private static readonly WeightsImage Next = WeightsImage.Of(SampleWeights.Stepped(Base.Weights, learningRate: 5e-4f, seed: 2));

    [Fact]
    public void A_full_transfer_arrives_bit_for_bit()
        => Equal(Next, Receive(WeightsTransfer.Full(Next), current: null));

    [Fact]
    public void A_delta_arrives_bit_for_bit_and_is_smaller()
    {
        var delta = WeightsTransfer.Delta(Next, Base)!;

        Equal(Next, Receive(delta, Base));

        var saved = 1 - ((double)delta.Manifest.TransferBytes / Next.Length);
        output.WriteLine(FormattableString.Invariant($"{delta.Manifest.TransferBytes} of {Next.Length} bytes: {saved:P1} saved"));
        Assert.True(saved > 0.2, $"It saved {saved:P1}.");
    }

    [Fact]
    public void Unchanged_weights_cost_next_to_nothing()
    {
        var again = WeightsImage.Of(Base.Weights with { Version = Base.Version.Next });

        var delta = WeightsTransfer.Delta(again, Base)!;

        Assert.True(delta.Manifest.TransferBytes < 1000);
        Equal(again, Receive(delta, Base));
    }

    [Fact]
    public void Weights_that_share_nothing_are_sent_whole()
        => Assert.Null(WeightsTransfer.Delta(WeightsImage.Of(SampleWeights.Noise(version: 8, seed: 5)), WeightsImage.Of(SampleWeights.Noise(version: 7, seed: 4))));

    [Fact]
    public void Weights_of_another_shape_are_sent_whole()
        => Assert.Null(WeightsTransfer.Delta(Next, WeightsImage.Of(SampleWeights.Policy(version: 7, seed: 1, rows: 9))));

    [Fact]
    public void Chunks_stay_within_their_bound()
    {
        var large = WeightsImage.Of(SampleWeights.Policy(version: 1, seed: 3, rows: 40_000));

        var transfer = WeightsTransfer.Full(large);

        Assert.True(transfer.Manifest.Chunks.Count > 2);
        Assert.All(transfer.Manifest.Chunks, chunk => Assert.InRange(chunk.Bytes, 1, WeightsTransfer.ChunkBytes));
        Equal(large, Receive(transfer, current: null));
    }

    [Fact]
    public void A_delta_to_another_base_is_refused_before_its_chunks()
    {
        var delta = WeightsTransfer.Delta(Next, Base)!;
        var impostor = WeightsImage.Of(SampleWeights.Policy(version: 7, seed: 99));

        Assert.Throws<TornTransferException>(() => new WeightsAssembler(delta.Manifest, null).CheckManifest());
        Assert.Throws<TornTransferException>(() => new WeightsAssembler(delta.Manifest, impostor).CheckManifest());
        Assert.Throws<TornTransferException>(() => new WeightsAssembler(delta.Manifest, WeightsImage.Of(Base.Weights with { Version = new PolicyVersion(6) })).CheckManifest());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_cut_transfer_is_not_used(bool isDelta)
    {
        var transfer = isDelta ? WeightsTransfer.Delta(Next, Base)! : WeightsTransfer.Full(Next);
        var messages = transfer.Messages.ToArray();

        Assert.Throws<TornTransferException>(() => Receive(messages[..^1], Base));
        messages[^1].Chunk.Data = ByteString.CopyFrom(messages[^1].Chunk.Data.Span[..^1]);
        Assert.Throws<TornTransferException>(() => Receive(messages, Base));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_flipped_bit_anywhere_is_not_used(bool isDelta)
    {
        var clean = (isDelta ? WeightsTransfer.Delta(Next, Base)! : WeightsTransfer.Full(Next)).Messages.ToArray();
        var bits = clean[1].Chunk.Data.Length * 8;

        Prop.ForAll(Gen.Choose(0, bits - 1).ToArbitrary(), bit =>
        {
            var bytes = clean[1].Chunk.Data.ToByteArray();
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            PublishRequest[] messages = [clean[0], new PublishRequest { Chunk = new WeightsChunk { Data = ByteString.CopyFrom(bytes) } }, .. clean[2..]];

            Assert.Throws<TornTransferException>(() => Receive(messages, Base));
        }).QuickCheckThrowOnFailure();
    }

    /// <summary>Also when the chunk's own checksum was made to fit: a sender that lies, or a bug in it.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_flipped_bit_under_a_fitting_chunk_checksum_is_not_used(bool isDelta)
    {
        var transfer = isDelta ? WeightsTransfer.Delta(Next, Base)! : WeightsTransfer.Full(Next);
        var clean = transfer.Messages.ToArray();

        Prop.ForAll(Gen.Choose(0, (clean[1].Chunk.Data.Length * 8) - 1).ToArbitrary(), bit =>
        {
            var bytes = clean[1].Chunk.Data.ToByteArray();
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            var manifest = transfer.Manifest.Clone();
            manifest.Chunks[0].Sha256 = ByteString.CopyFrom(System.Security.Cryptography.SHA256.HashData(bytes));
            PublishRequest[] messages =
                [new() { Manifest = manifest }, new PublishRequest { Chunk = new WeightsChunk { Data = ByteString.CopyFrom(bytes) } }, .. clean[2..]];

            AssertRefusedOrEqual(messages);
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void A_manifest_that_promises_more_than_it_brings_is_refused()
    {
        var manifest = WeightsTransfer.Full(Next).Manifest.Clone();
        manifest.TransferBytes = long.MaxValue;

        Assert.Throws<TornTransferException>(() => new WeightsAssembler(manifest, null).CheckManifest());
    }

    // Spare bits of deflate's last byte may differ without meaning anything; then the weights are the right ones.
    private static void AssertRefusedOrEqual(PublishRequest[] messages)
    {
        WeightsImage received;
        try
        {
            received = Receive(messages, Base);
        }
        catch (TornTransferException)
        {
            return;
        }

        Equal(Next, received);
    }

    private static WeightsImage Receive(WeightsTransfer transfer, WeightsImage? current) => Receive([.. transfer.Messages], current);

    private static WeightsImage Receive(PublishRequest[] messages, WeightsImage? current)
    {
        var assembler = new WeightsAssembler(messages[0].Manifest, current);
        assembler.CheckManifest();
        foreach (var message in messages[1..])
        {
            assembler.Add(message.Chunk);
        }

        return assembler.Finish();
    }

    private static void Equal(WeightsImage expected, WeightsImage actual)
    {
        Assert.Equal(expected.Version, actual.Version);
        Assert.Equal(expected.Sha256, actual.Sha256);
        foreach (var (left, right) in expected.Weights.Tensors.Zip(actual.Weights.Tensors))
        {
            Assert.Equal((left.Name, left.DType), (right.Name, right.DType));
            Assert.Equal(left.Shape, right.Shape);
            Assert.True(left.Data.Span.SequenceEqual(right.Data.Span), left.Name);
        }
    }
}
