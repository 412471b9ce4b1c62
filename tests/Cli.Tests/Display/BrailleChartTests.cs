using Forge.Cli.Display;

namespace Forge.Cli.Tests.Display;

public sealed class BrailleChartTests
{
    [Fact]
    public void A_rising_line_goes_from_the_bottom_left_to_the_top_right()
    {
        var lines = BrailleChart.Draw([0, 1, 2, 3], 2, 1, 0, 3);

        // Left column: bottom dot, then the one above it; right column: second from the top, then the top.
        Assert.Equal([(char)(0x2800 + 0x40 + 0x20), (char)(0x2800 + 0x02 + 0x08)], lines.Single());
    }

    [Fact]
    public void Values_outside_the_range_stay_inside_the_picture()
        => Assert.All(BrailleChart.Draw([-100, 100], 4, 3, 0, 1), line => Assert.Equal(4, line.Length));

    [Fact]
    public void No_values_draw_nothing() => Assert.All(BrailleChart.Draw([], 3, 2, 0, 1), line => Assert.Equal("\u2800\u2800\u2800", line));
}
