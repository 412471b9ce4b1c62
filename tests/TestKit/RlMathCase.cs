using System.Text.Json;

namespace Forge.TestKit;

/// <summary>One case: parameters, a batch of B rows of T columns, what is expected and how exactly.</summary>
public sealed class RlMathCase(JsonElement entry, JsonElement batch)
{
    public string Id => entry.GetProperty("id").GetString()!;

    public string Algorithm => entry.GetProperty("algo").GetString()!;

    public JsonElement Entry => entry;

    public JsonElement Parameters => entry.GetProperty("params");

    public JsonElement Output => entry.GetProperty("out");

    public bool[][] Mask => [.. Rows("mask").Select(row => row.Select(value => value != 0).ToArray())];

    public int[] TokenCounts => [.. Mask.Select(row => row.Count(trained => trained))];

    public double[][] Rows(string name) => Matrix(batch.GetProperty(name));

    public double[] Row(string name) => Vector(batch.GetProperty(name));

    public int[] Groups => [.. Vector(batch.GetProperty("group")).Select(value => (int)value)];

    public bool Has(string name) => batch.TryGetProperty(name, out _);

    public double Number(string parameter) => RlMathGolden.Number(Parameters.GetProperty(parameter));

    public double? OptionalNumber(string parameter)
        => Parameters.TryGetProperty(parameter, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetDouble() : null;

    /// <summary>False where the case leaves it out.</summary>
    public bool Flag(string parameter) => Parameters.TryGetProperty(parameter, out var value) && value.GetBoolean();

    public string Text(string parameter) => Parameters.GetProperty(parameter).GetString()!;

    public double[][] ExpectedRows(string name) => Matrix(Output.GetProperty(name));

    public double[] ExpectedRow(string name) => Vector(Output.GetProperty(name));

    public double Expected(string name) => RlMathGolden.Number(Output.GetProperty(name));

    /// <summary>|got − want| ≤ atol + rtol · max(|got|, |want|); two infinities of one sign, or two NaNs, agree.</summary>
    public bool IsNear(double got, double want)
    {
        if (double.IsNaN(want) || double.IsInfinity(want))
        {
            return got.Equals(want);
        }

        var tolerance = entry.GetProperty("tol");
        var allowed = tolerance.GetProperty("atol").GetDouble()
            + (tolerance.GetProperty("rtol").GetDouble() * Math.Max(Math.Abs(got), Math.Abs(want)));
        return Math.Abs(got - want) <= allowed;
    }

    /// <summary>Null when all agree; else what and where.</summary>
    public string? Difference(string what, double got, double want) => IsNear(got, want) ? null : $"{Id}: {what} is {got:R}, expected {want:R}";

    public string? Difference(string what, IReadOnlyList<double> got, IReadOnlyList<double> want)
        => got.Count != want.Count
            ? $"{Id}: {what} has {got.Count} values, expected {want.Count}"
            : Enumerable.Range(0, got.Count).Select(index => Difference($"{what}[{index}]", got[index], want[index])).FirstOrDefault(text => text is not null);

    /// <summary>Compares trained positions only.</summary>
    public string? Difference(string what, double[][] got, double[][] want)
    {
        var mask = Mask;
        return Enumerable.Range(0, want.Length)
            .SelectMany(row => Enumerable.Range(0, want[row].Length).Where(column => mask[row][column])
                .Select(column => Difference($"{what}[{row},{column}]", got[row][column], want[row][column])))
            .FirstOrDefault(text => text is not null);
    }

    private static double[] Vector(JsonElement array) => [.. array.EnumerateArray().Select(RlMathGolden.Number)];

    private static double[][] Matrix(JsonElement array) => [.. array.EnumerateArray().Select(Vector)];
}
