using Forge.Core.Text.Json;

namespace Forge.Core.Tests.Text.Json;

/// <summary>The expected texts are what CPython prints for <c>json.dumps(json.loads(text), ensure_ascii=False)</c>.</summary>
public sealed class PythonJsonTests
{
    [Theory]
    [InlineData("1", "1")]
    [InlineData("-0", "0")]
    [InlineData("-0.0", "-0.0")]
    [InlineData("1E3", "1000.0")]
    [InlineData("1e-7", "1e-07")]
    [InlineData("0.0001", "0.0001")]
    [InlineData("0.00001", "1e-05")]
    [InlineData("1e15", "1000000000000000.0")]
    [InlineData("1e16", "1e+16")]
    [InlineData("123456789012345678.0", "1.2345678901234568e+17")]
    [InlineData("9999999999999998.0", "9999999999999998.0")]
    [InlineData("5e-324", "5e-324")]
    [InlineData("1.7976931348623157e308", "1.7976931348623157e+308")]
    [InlineData("1e400", "Infinity")]
    [InlineData("0.30000000000000004", "0.30000000000000004")]
    [InlineData("100000000000000000000000000", "100000000000000000000000000")]
    public void Numbers_print_as_repr(string json, string expected) => Assert.Equal(expected, PythonJson.Format(json));

    [Theory]
    [InlineData("""{ "b":1 ,"a":[ ],"b":{}}""", """{"b": {}, "a": []}""")]
    [InlineData("""["\u00e9\ud83d\ude00\/\u0001\u007f\u2028"]""", "[\"é😀/\\u0001\u007f\u2028\"]")]
    [InlineData("""[true,false,null,"q\"b\\\b\f\n\r\t"]""", """[true, false, null, "q\"b\\\b\f\n\r\t"]""")]
    public void Structures_print_as_dumps(string json, string expected) => Assert.Equal(expected, PythonJson.Format(json));

    [Fact]
    public void A_lone_surrogate_stays_one() => Assert.Equal("\"\ud800x\"", PythonJson.Format("""  "\ud800x" """));

    [Theory]
    [InlineData("")]
    [InlineData("{'a': 1}")]
    [InlineData("[1,]")]
    public void What_is_not_JSON_is_a_format_error(string json) => Assert.Throws<FormatException>(() => PythonJson.Format(json));
}
