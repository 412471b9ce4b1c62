namespace Forge.Core.Text.Tokenization;

/// <summary>Cuts a text into pieces, step by step; merges never cross a piece's border.</summary>
internal static class PieceSplitter
{
    public static void Split<TConsumer>(ReadOnlySpan<char> text, ReadOnlySpan<SplitStep> steps, ref TConsumer consumer)
        where TConsumer : struct, IPieceConsumer, allows ref struct
    {
        if (text.IsEmpty)
        {
            return;
        }

        if (steps.IsEmpty)
        {
            consumer.Take(text);
        }
        else if (CategoryShadow.IsNeeded(text))
        {
            SplitShadowed(text, steps, ref consumer);
        }
        else
        {
            SplitPlain(text, steps, ref consumer);
        }
    }

    private static void SplitPlain<TConsumer>(ReadOnlySpan<char> text, ReadOnlySpan<SplitStep> steps, ref TConsumer consumer)
        where TConsumer : struct, IPieceConsumer, allows ref struct
    {
        var step = steps[0];
        var done = 0;
        foreach (var match in step.Pattern.EnumerateMatches(text))
        {
            SplitKept(text[done..match.Index], step.KeepGaps, steps, ref consumer);
            done = match.Index + match.Length;
            SplitKept(text[match.Index..done], step.KeepMatches, steps, ref consumer);
        }

        SplitKept(text[done..], step.KeepGaps, steps, ref consumer);
    }

    private static void SplitShadowed<TConsumer>(ReadOnlySpan<char> text, ReadOnlySpan<SplitStep> steps, ref TConsumer consumer)
        where TConsumer : struct, IPieceConsumer, allows ref struct
    {
        var step = steps[0];
        var shadow = CategoryShadow.Of(text);
        var done = 0;
        foreach (var match in step.Pattern.EnumerateMatches(shadow.Text))
        {
            var start = shadow.Start(match.Index);
            SplitKept(text[done..start], step.KeepGaps, steps, ref consumer);
            done = shadow.Start(match.Index + match.Length);
            SplitKept(text[start..done], step.KeepMatches, steps, ref consumer);
        }

        SplitKept(text[done..], step.KeepGaps, steps, ref consumer);
    }

    private static void SplitKept<TConsumer>(
        ReadOnlySpan<char> piece, bool keep, ReadOnlySpan<SplitStep> steps, ref TConsumer consumer)
        where TConsumer : struct, IPieceConsumer, allows ref struct
    {
        if (keep)
        {
            Split(piece, steps[1..], ref consumer);
        }
    }
}
