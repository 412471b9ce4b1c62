using System.Collections.Immutable;
using Google.Protobuf.Collections;

namespace Forge.Contracts.Mapping;

/// <summary>Reads what every message has: fields that must be there, and arrays.</summary>
internal static class WireFields
{
    /// <exception cref="InvalidDataException">The message lacks it.</exception>
    public static T Required<T>(T? value, string field)
        where T : class
        => value ?? throw new InvalidDataException($"The message has no {field}.");

    /// <exception cref="InvalidDataException">The number is no member that means something.</exception>
    public static TEnum Member<TEnum>(int value, string field)
        where TEnum : struct, Enum
    {
        var member = (TEnum)Enum.ToObject(typeof(TEnum), value);
        return Enum.IsDefined(member) ? member : throw new InvalidDataException($"{field} is {value}, which is none of {string.Join(", ", Enum.GetNames<TEnum>())}.");
    }

    public static ImmutableArray<T> ToImmutable<T>(this RepeatedField<T> field)
    {
        var array = new T[field.Count];
        field.CopyTo(array, 0);
        return System.Runtime.InteropServices.ImmutableCollectionsMarshal.AsImmutableArray(array);
    }

    public static TimeSpan ToTimeSpan(this long ticks) => TimeSpan.FromTicks(ticks);
}
