using System.Text;

namespace Forge.Cli.Display;

/// <summary>Draws a curve with braille dots: two columns and four rows of dots in each character.</summary>
internal static class BrailleChart
{
    private const char Empty = '\u2800';

    // Bits of the dots of one character, by row from the top, left and right column.
    private static readonly int[,] Dots = { { 0x01, 0x08 }, { 0x02, 0x10 }, { 0x04, 0x20 }, { 0x40, 0x80 } };

    /// <summary>Draws the whole series into the given width; each dot column is the mean of the values that fall on it.</summary>
    /// <param name="values">Finite values, oldest first.</param>
    /// <param name="width">Characters per line.</param>
    /// <param name="height">Lines.</param>
    /// <param name="low">The value at the bottom.</param>
    /// <param name="high">The value at the top, above <paramref name="low"/>.</param>
    public static string[] Draw(IReadOnlyList<double> values, int width, int height, double low, double high)
    {
        var cells = new int[height, width];
        var columns = Math.Min(width * 2, Math.Max(1, values.Count));
        for (var column = 0; column < columns && values.Count > 0; column++)
        {
            var first = column * values.Count / columns;
            var last = Math.Max(first + 1, (column + 1) * values.Count / columns);
            var mean = Enumerable.Range(first, last - first).Average(index => values[index]);
            var share = Math.Clamp((mean - low) / (high - low), 0, 1);
            var row = (int)Math.Round((1 - share) * ((height * 4) - 1));
            cells[row / 4, column / 2] |= Dots[row % 4, column % 2];
        }

        return [.. Enumerable.Range(0, height).Select(row => Line(cells, row, width))];
    }

    private static string Line(int[,] cells, int row, int width)
    {
        var line = new StringBuilder(width);
        for (var column = 0; column < width; column++)
        {
            line.Append((char)(Empty + cells[row, column]));
        }

        return line.ToString();
    }
}
