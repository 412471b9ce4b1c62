using Forge.AgentSide.BlackBox.Programs;
using FsCheck;
using FsCheck.Fluent;

namespace Forge.AgentSide.Tests.BlackBox;

public sealed class TailBufferTests
{
    [Fact]
    public void Add_keeps_the_last_bytes_and_counts_the_others()
    {
        var pieces = Gen.Choose(0, 40).SelectMany(length => Gen.Choose(0, 255).Select(value => (byte)value).ArrayOf(length)).ArrayOf();

        Prop.ForAll(Gen.Choose(1, 30).ToArbitrary(), pieces.ToArbitrary(), (capacity, added) =>
        {
            var tail = new TailBuffer(capacity);
            foreach (var piece in added)
            {
                tail.Add(piece);
            }

            var all = added.SelectMany(piece => piece).ToArray();
            return tail.ToArray().SequenceEqual(all.TakeLast(capacity)) && tail.Dropped == Math.Max(0, all.Length - capacity);
        }).QuickCheckThrowOnFailure();
    }
}
