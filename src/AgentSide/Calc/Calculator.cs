using System.Globalization;

namespace Forge.AgentSide.Calc;

/// <summary>
/// Evaluates whole-number expressions with <c>+ - *</c>, parentheses and signs by recursive descent; precedence as usual. Total: any text
/// gives a value or an error, never an exception.
/// </summary>
internal ref struct Calculator
{
    // Parentheses nest at most this deep, so that hostile input can't exhaust the stack.
    private const int MaxDepth = 32;

    private readonly ReadOnlySpan<char> _text;
    private int _position;
    private int _depth;
    private bool _failed;

    private Calculator(ReadOnlySpan<char> text)
    {
        _text = text;
    }

    /// <summary>Gives the value, or null when the text is no expression or a number leaves the range of 64 bits.</summary>
    public static long? Evaluate(ReadOnlySpan<char> text)
    {
        var calculator = new Calculator(text);
        try
        {
            var value = calculator.Sum();
            calculator.SkipSpaces();
            return calculator._failed || calculator._position < text.Length ? null : value;
        }
        catch (OverflowException)
        {
            return null;
        }
    }

    private long Sum()
    {
        var value = Product();
        while (!_failed && Peek() is '+' or '-')
        {
            value = _text[_position++] == '+' ? checked(value + Product()) : checked(value - Product());
        }

        return value;
    }

    private long Product()
    {
        var value = Factor();
        while (!_failed && Peek() is '*')
        {
            _position++;
            value = checked(value * Factor());
        }

        return value;
    }

    private long Factor() => Peek() switch
    {
        '-' => Nested(negative: true),
        '(' => Nested(negative: false),
        _ => Number(),
    };

    private long Nested(bool negative)
    {
        _position++;
        if (++_depth > MaxDepth)
        {
            return Fail();
        }

        var value = negative ? checked(-Factor()) : Sum();
        _depth--;
        if (!negative && Peek() is not ')')
        {
            return Fail();
        }

        _position += negative ? 0 : 1;
        return value;
    }

    private long Number()
    {
        var start = _position;
        while (_position < _text.Length && char.IsAsciiDigit(_text[_position]))
        {
            _position++;
        }

        return long.TryParse(_text[start.._position], NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : Fail();
    }

    private char Peek()
    {
        SkipSpaces();
        return _position < _text.Length ? _text[_position] : '\0';
    }

    private void SkipSpaces()
    {
        while (_position < _text.Length && _text[_position] == ' ')
        {
            _position++;
        }
    }

    private long Fail()
    {
        _failed = true;
        return 0;
    }
}
