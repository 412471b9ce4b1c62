using System.Text;
using System.Text.Json;

namespace Forge.Gateway.Tests.Protocols;

/// <summary>Makes requests out of recorded ones: values and keys swapped for odd ones, parts cut out or doubled, bytes flipped. Seeded.</summary>
internal sealed class RequestMutator(int seed, string[] recorded)
{
    private static readonly byte[][] Odd =
    [
        .. new[]
        {
            "null", "true", "-1", "0", "1e999", "1e-400", "9223372036854775808", "0.5", "\"\"", "[]", "{}", "[[]]", "[null]", "{\"type\":null}",
            "\"\\ud83d\"", "\"\\u0000\"", "\"tool_result\"", "\"function_call_output\"", "\"required\"", "{\"type\":\"text\"}", "\"{\\\"a\\\":1e999}\"",
            "\"{\\\"a\\\":\\\"\\\\ud83d\\\"}\"", "\"[1]\"", "{\"a\":1,\"a\":{\"b\":2,\"b\":3}}", "\"assistant\"", "\"tool\"", "\"system\"",
            new string('[', 70) + new string(']', 70), "\"" + new string('x', 3000) + "\"",
        }.Select(Encoding.UTF8.GetBytes),
    ];

    private readonly Random _random = new(seed);
    private readonly Request[] _requests = [.. recorded.Select(json => new Request(Encoding.UTF8.GetBytes(json)))];

    public byte[] Next()
    {
        var request = _requests[_random.Next(_requests.Length)];
        var bytes = Swap(request);
        if (_random.Next(8) == 0)
        {
            bytes[_random.Next(bytes.Length)] = (byte)_random.Next(256);
        }

        return bytes;
    }

    // One to three values, from the last to the first so that places stay true.
    private byte[] Swap(Request request)
    {
        var bytes = request.Bytes.ToList();
        var places = Enumerable.Range(0, _random.Next(1, 4)).Select(_ => request.Values[_random.Next(request.Values.Count)])
            .OrderByDescending(place => place.Start).ToList();
        var limit = bytes.Count;
        foreach (var (start, length) in places)
        {
            if (start + length > limit)
            {
                continue;
            }

            var (other, otherLength) = request.Values[_random.Next(request.Values.Count)];
            var put = _random.Next(4) == 0 ? request.Bytes[other..(other + otherLength)] : Odd[_random.Next(Odd.Length)];
            bytes.RemoveRange(start, length);
            bytes.InsertRange(start, put);
            limit = start;
        }

        return [.. bytes];
    }

    /// <summary>A recorded request and where its values and keys are.</summary>
    private sealed class Request
    {
        public Request(byte[] bytes)
        {
            Bytes = bytes;
            var reader = new Utf8JsonReader(bytes);
            var open = new Stack<int>();
            while (reader.Read())
            {
                switch (reader.TokenType)
                {
                    case JsonTokenType.StartArray or JsonTokenType.StartObject:
                        open.Push((int)reader.TokenStartIndex);
                        break;
                    case JsonTokenType.EndArray or JsonTokenType.EndObject:
                        var start = open.Pop();
                        Values.Add((start, (int)reader.BytesConsumed - start));
                        break;
                    default:
                        Values.Add(((int)reader.TokenStartIndex, ValueLength(reader)));
                        break;
                }
            }
        }

        public byte[] Bytes { get; }

        public List<(int Start, int Length)> Values { get; } = [];

        // A key's colon is not part of it.
        private static int ValueLength(Utf8JsonReader reader)
            => reader.ValueSpan.Length + (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName ? 2 : 0);
    }
}
