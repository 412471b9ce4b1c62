using System.Collections;
using System.Collections.Immutable;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace Forge.Hosting.RunFiles;

/// <summary>Answers what a run file may say about an options class.</summary>
internal static class OptionShape
{
    /// <summary>Everything that can be set, base classes first, by its name in run files.</summary>
    public static IEnumerable<(string Key, PropertyInfo Property)> Of(Type options)
        => options.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(property => property is { CanRead: true, CanWrite: true } && property.GetIndexParameters().Length == 0)
            .OrderBy(property => Depth(property.DeclaringType!)).ThenBy(property => property.MetadataToken)
            .Select(property => (SnakeCase.Of(property.Name), property));

    /// <summary>The full paths of everything below <paramref name="path"/>.</summary>
    public static IEnumerable<string> Paths(Type options, string path)
        => Of(options).SelectMany(entry => IsOptions(entry.Property.PropertyType)
            ? Paths(entry.Property.PropertyType, $"{path}.{entry.Key}").Prepend($"{path}.{entry.Key}")
            : [$"{path}.{entry.Key}"]);

    public static bool IsOptions(Type type)
        => type is { IsClass: true, IsAbstract: false } && type != typeof(string) && !typeof(IEnumerable).IsAssignableFrom(type)
            && type.GetConstructor(Type.EmptyTypes) is not null;

    public static bool IsRequired(PropertyInfo property)
        => property.IsDefined(typeof(RequiredMemberAttribute)) || property.IsDefined(typeof(System.ComponentModel.DataAnnotations.RequiredAttribute));

    /// <summary>The element type of a list: <c>ImmutableArray&lt;T&gt;</c>, <c>IReadOnlyList&lt;T&gt;</c> or an array; null for anything else.</summary>
    public static Type? ElementOf(Type type)
        => type.IsArray ? type.GetElementType()
            : type.IsGenericType && type.GetGenericTypeDefinition() is var open
                && (open == typeof(ImmutableArray<>) || open == typeof(IReadOnlyList<>)) ? type.GetGenericArguments()[0]
            : null;

    /// <summary>The value type of a mapping with free keys: <c>ImmutableSortedDictionary&lt;string, T&gt;</c> or <c>IReadOnlyDictionary&lt;string, T&gt;</c>.</summary>
    public static Type? ValueOf(Type type)
        => type.IsGenericType && type.GetGenericTypeDefinition() is var open
            && (open == typeof(ImmutableSortedDictionary<,>) || open == typeof(IReadOnlyDictionary<,>))
            && type.GetGenericArguments()[0] == typeof(string) ? type.GetGenericArguments()[1] : null;

    private static int Depth(Type type) => type.BaseType is null ? 0 : 1 + Depth(type.BaseType);
}
