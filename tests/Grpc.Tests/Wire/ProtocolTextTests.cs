using Grpc.Shared;

namespace Forge.Grpc.Tests.Wire;

public sealed class ProtocolTextTests
{
    [Theory]
    [InlineData("1n", 1)]
    [InlineData("100n", 1)]
    [InlineData("7u", 70)]
    [InlineData("3m", 30_000)]
    [InlineData("2S", 20_000_000)]
    [InlineData("1M", 600_000_000)]
    [InlineData("1H", 36_000_000_000)]
    public void A_timeout_is_read_in_every_unit(string text, long ticks)
    {
        Assert.True(GrpcTimeout.TryParse(text, out var timeout));
        Assert.Equal(ticks, timeout.Ticks);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(15_000)]
    [InlineData(999_999_990)]
    [InlineData(1_000_000_001)]
    [InlineData(36_000_000_000_001)]
    [InlineData(long.MaxValue)]
    public void A_timeout_that_is_written_is_read_again_and_never_shorter(long ticks)
    {
        var text = GrpcTimeout.Format(new TimeSpan(ticks));

        Assert.InRange(text.Length, 2, 9);
        Assert.True(GrpcTimeout.TryParse(text, out var timeout));
        Assert.InRange(timeout.Ticks, Math.Min(ticks, 99_999_999 * TimeSpan.TicksPerHour), long.MaxValue);
    }

    [Theory]
    [InlineData("plain text ~")]
    [InlineData("100 %")]
    [InlineData("ünïcode 🙂\r\n\0")]
    [InlineData("")]
    public void A_message_survives_percent_encoding(string text)
    {
        var encoded = PercentEncoding.Encode(text);

        Assert.DoesNotContain(encoded, letter => letter is < ' ' or > '~');
        Assert.Equal(text, PercentEncoding.Decode(encoded));
    }

    [Theory]
    [InlineData("%", "%")]
    [InlineData("%4", "%4")]
    [InlineData("%zz", "%zz")]
    [InlineData("a%41%", "aA%")]
    public void A_broken_escape_stays_as_it_is(string encoded, string text) => Assert.Equal(text, PercentEncoding.Decode(encoded));
}
