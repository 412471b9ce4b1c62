using System.Text;
using Grpc.Core.Utils;

namespace Grpc.Core;

/// <summary>One thing that is known about who calls.</summary>
public class AuthProperty
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly byte[] _value;

    private AuthProperty(string name, byte[] value)
    {
        Name = GrpcPreconditions.CheckNotNull(name, nameof(name));
        _value = GrpcPreconditions.CheckNotNull(value, nameof(value));
    }

    public string Name { get; }

    public string Value => Strict.GetString(_value);

    public byte[] ValueBytes => [.. _value];

    public static AuthProperty Create(string name, byte[] valueBytes) => new(name, [.. GrpcPreconditions.CheckNotNull(valueBytes, nameof(valueBytes))]);
}
