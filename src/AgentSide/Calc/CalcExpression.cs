using System.Globalization;

namespace Forge.AgentSide.Calc;

/// <summary>
/// A whole number, or two expressions and an operator between them. Texts are fully parenthesised inside: <c>(12+34)*(7-5)</c>.
/// </summary>
/// <param name="Value">What it comes to.</param>
/// <param name="Operator"><c>+</c>, <c>-</c>, <c>*</c>, or <c>'\0'</c> for a number.</param>
/// <param name="Left">Null for a number.</param>
/// <param name="Right">Null for a number.</param>
public sealed record CalcExpression(int Value, char Operator, CalcExpression? Left, CalcExpression? Right)
{
    public bool IsNumber => Left is null;

    /// <summary>True for an operator between two numbers: what the calculator can do in one call.</summary>
    public bool IsReady => Left is { IsNumber: true } && Right is { IsNumber: true };

    public static CalcExpression Number(int value) => new(value, '\0', null, null);

    public static CalcExpression Of(CalcExpression left, char op, CalcExpression right)
        => new(Apply(left.Value, op, right.Value), op, left, right);

    public static int Apply(int left, char op, int right) => op switch
    {
        '+' => checked(left + right),
        '-' => checked(left - right),
        '*' => checked(left * right),
        _ => throw new ArgumentOutOfRangeException(nameof(op), op, "The operators are + - *."),
    };

    /// <summary>The innermost operations, from left to right: they don't depend on each other.</summary>
    public IEnumerable<CalcExpression> Ready()
    {
        if (IsReady)
        {
            return [this];
        }

        return IsNumber ? [] : Left!.Ready().Concat(Right!.Ready());
    }

    /// <summary>Replaces innermost operations by their values, in the order of <see cref="Ready"/>; null leaves one as it is.</summary>
    public CalcExpression Substitute(Queue<int?> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        if (IsReady)
        {
            return values.Dequeue() is { } value ? Number(value) : this;
        }

        return IsNumber ? this : this with { Left = Left!.Substitute(values), Right = Right!.Substitute(values) };
    }

    public override string ToString()
        => IsNumber ? Value.ToString(CultureInfo.InvariantCulture) : $"{Inner(Left!)}{Operator}{Inner(Right!)}";

    private static string Inner(CalcExpression part) => part.IsNumber ? part.ToString() : $"({part})";
}
