using System.Collections;
using System.Collections.Immutable;
using System.ComponentModel.DataAnnotations;
using System.Reflection;
using Forge.Core.Text;

namespace Forge.Hosting.RunFiles;

/// <summary>Binds one section strictly onto its options class, and collects everything that is wrong instead of stopping at the first.</summary>
/// <param name="environment">Reads an environment variable; null when it is not set.</param>
/// <param name="knownPaths">Every key of every section, to find what a misplaced one was meant to be.</param>
internal sealed class SectionBinder(Func<string, string?> environment, ImmutableArray<string> knownPaths)
{
    public List<Violation> Violations { get; } = [];

    /// <summary>What secrets were written as, by path, so that the resolved file never shows a value.</summary>
    public Dictionary<string, string> SecretReferences { get; } = [];

    /// <summary>Places of all keys that were given, by path.</summary>
    public Dictionary<string, string> Places { get; } = [];

    public object Bind(Type type, RunMapping? mapping, string path, string place)
    {
        var options = Activator.CreateInstance(type)!;
        var shape = OptionShape.Of(type).ToList();
        RefuseUnknownKeys(mapping, path, [.. shape.Select(entry => entry.Key)]);
        foreach (var (key, property) in shape)
        {
            var keyPath = $"{path}.{key}";
            if (mapping is null || !mapping.Entries.TryGetValue(key, out var node))
            {
                if (OptionShape.IsRequired(property))
                {
                    Refuse(place, keyPath, $"is required: {Allowed(property.PropertyType, property)}");
                }

                continue;
            }

            Places[keyPath] = node.Place;
            if (TryRead(property.PropertyType, node, keyPath, property, out var value))
            {
                property.SetValue(options, value);
                Validate(options, property, value, node, keyPath);
            }
        }

        ValidateWhole(options, path, place);
        return options;
    }

    private void RefuseUnknownKeys(RunMapping? mapping, string path, string[] known)
    {
        foreach (var (key, node) in mapping?.Entries ?? [])
        {
            if (!known.Contains(key))
            {
                Refuse(node.Place, $"{path}.{key}", NearestPath(path, key, known) is { } nearest
                    ? $"unknown key; the nearest known key is '{nearest}'"
                    : $"unknown key; '{path}' knows {string.Join(", ", known)}");
            }
        }
    }

    private string? NearestPath(string path, string key, string[] known)
        => NearestName.Of(key, known) is { } sibling
            ? $"{path}.{sibling}"
            : knownPaths.FirstOrDefault(candidate => candidate.EndsWith("." + key, StringComparison.Ordinal));

    private bool TryRead(Type type, RunNode node, string path, PropertyInfo property, out object? value)
    {
        value = null;
        if (node is RunScalar { IsNull: true } && AllowsNull(property, type))
        {
            return true;
        }

        if (property.IsDefined(typeof(SecretAttribute)) || node is RunScalar { Text: ['$', '{', ..] })
        {
            return TryReadSecret(node, path, property, out value);
        }

        var target = Nullable.GetUnderlyingType(type) ?? type;
        value = (node, target) switch
        {
            (RunScalar { IsNull: false } scalar, _) when ScalarText.Reads(target) => ScalarText.Read(target, scalar),
            (RunList list, _) when OptionShape.ElementOf(target) is { } element => ReadList(target, element, list, path, property),
            (RunMapping map, _) when OptionShape.ValueOf(target) is { } element => ReadDictionary(target, element, map, path, property),
            (RunMapping map, _) when OptionShape.IsOptions(target) => Bind(target, map, path, node.Place),
            _ => null,
        };
        if (value is null)
        {
            Refuse(node.Place, path, $"{Shown(node)} is not {Allowed(target, property)}{Meant(target.IsEnum ? ScalarText.Names(target) : [], node)}");
        }

        return value is not null;
    }

    private bool TryReadSecret(RunNode node, string path, PropertyInfo property, out object? value)
    {
        value = null;
        var reference = (node as RunScalar)?.Text ?? "";
        if (!property.IsDefined(typeof(SecretAttribute)))
        {
            Refuse(node.Place, path, $"'{reference}': only secrets are read from the environment; write the value here");
        }
        else if (reference is not ['$', '{', .. var name, '}'])
        {
            Refuse(node.Place, path, "is a secret: write it as ${NAME} and set that environment variable");
        }
        else if (environment(name) is not { } secret)
        {
            Refuse(node.Place, path, $"the environment variable {name} is not set");
        }
        else
        {
            SecretReferences[path] = reference;
            value = secret;
        }

        return value is not null;
    }

    private object? ReadList(Type type, Type element, RunList list, string path, PropertyInfo property)
    {
        var items = (IList)Activator.CreateInstance(typeof(List<>).MakeGenericType(element))!;
        foreach (var (index, node) in list.Items.Index())
        {
            if (TryRead(element, node, $"{path}[{index}]", property, out var item))
            {
                items.Add(item);
            }
        }

        var array = Array.CreateInstance(element, items.Count);
        items.CopyTo(array, 0);
        return type.IsGenericType && type.GetGenericTypeDefinition() == typeof(ImmutableArray<>)
            ? typeof(System.Runtime.InteropServices.ImmutableCollectionsMarshal).GetMethod("AsImmutableArray")!.MakeGenericMethod(element).Invoke(null, [array])
            : array;
    }

    private object ReadDictionary(Type type, Type element, RunMapping mapping, string path, PropertyInfo property)
    {
        var entries = (IDictionary)Activator.CreateInstance(typeof(SortedDictionary<,>).MakeGenericType(typeof(string), element))!;
        foreach (var (key, node) in mapping.Entries)
        {
            if (TryRead(element, node, $"{path}.{key}", property, out var item))
            {
                entries.Add(key, item);
            }
        }

        return type.GetGenericTypeDefinition() != typeof(ImmutableSortedDictionary<,>) ? entries
            : typeof(ImmutableSortedDictionary).GetMethods().Single(method => method.Name == nameof(ImmutableSortedDictionary.CreateRange)
                && method.GetParameters().Length == 1).MakeGenericMethod(typeof(string), element).Invoke(null, [entries])!;
    }

    private void Validate(object options, PropertyInfo property, object? value, RunNode node, string path)
    {
        foreach (var rule in property.GetCustomAttributes<ValidationAttribute>().Where(rule => !rule.IsValid(value)))
        {
            Refuse(node.Place, path, rule switch
            {
                RangeAttribute => $"{Shown(node)} is not {Allowed(property.PropertyType, property)} (default {Default(options.GetType(), property)})",
                AllowedValuesAttribute words => $"{Shown(node)} is not one of {string.Join(", ", words.Values)}{Meant(words.Values, node)}",
                _ => $"{Shown(node)}: {rule.FormatErrorMessage(path)}",
            });
        }
    }

    private void ValidateWhole(object options, string path, string place)
    {
        if (options is not IValidatableObject validatable)
        {
            return;
        }

        foreach (var result in validatable.Validate(new ValidationContext(options)))
        {
            var member = result.MemberNames.FirstOrDefault();
            var key = member is null ? path : $"{path}.{SnakeCase.Of(member)}";
            Refuse(Places.GetValueOrDefault(key, place), key, result.ErrorMessage ?? "is not valid");
        }
    }

    private void Refuse(string place, string path, string problem) => Violations.Add(new Violation(place, path, problem));

    private static string Default(Type options, PropertyInfo property) => ScalarText.Write(property.GetValue(Activator.CreateInstance(options)));

    private static bool AllowsNull(PropertyInfo property, Type type)
        => Nullable.GetUnderlyingType(type) is not null
            || (!type.IsValueType && new NullabilityInfoContext().Create(property).WriteState == NullabilityState.Nullable);

    private static string Shown(RunNode node) => node switch
    {
        RunScalar { IsNull: true } => "no value",
        RunScalar scalar => scalar.IsQuoted ? $"the text \"{scalar.Text}\"" : $"'{scalar.Text}'",
        RunList => "a list",
        _ => "a mapping",
    };

    private static string Allowed(Type type, PropertyInfo property)
    {
        var target = Nullable.GetUnderlyingType(type) ?? type;
        var range = property.GetCustomAttribute<RangeAttribute>();
        var expected = ScalarText.Reads(target) ? ScalarText.Expected(target)
            : OptionShape.ElementOf(target) is { } element ? $"a list, each item {(ScalarText.Reads(element) ? ScalarText.Expected(element) : "a mapping")}"
            : "a mapping of keys";
        return range is null ? expected : string.Create(
            System.Globalization.CultureInfo.InvariantCulture,
            $"{expected} in {(range.MinimumIsExclusive ? "(" : "[")}{range.Minimum}, {range.Maximum}{(range.MaximumIsExclusive ? ")" : "]")}");
    }

    private static string Meant(IEnumerable<object?> words, RunNode node)
        => node is RunScalar scalar && NearestName.Of(scalar.Text, words.OfType<string>()) is { } nearest ? $"; the nearest is '{nearest}'" : "";
}
