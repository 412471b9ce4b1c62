using System.Globalization;
using System.Reflection;

namespace Forge.TorchSharp.Tests.Signatures;

/// <summary>Writes members as the listing of the official package does.</summary>
internal static class SignatureText
{
    private static readonly string[] Modifiers = ["virtual ", "abstract ", "override ", "protected ", "sealed "];

    private static readonly Dictionary<Type, string> Keywords = new()
    {
        [typeof(int)] = "int",
        [typeof(long)] = "long",
        [typeof(bool)] = "bool",
        [typeof(double)] = "double",
        [typeof(float)] = "float",
        [typeof(byte)] = "byte",
        [typeof(void)] = "void",
        [typeof(string)] = "string",
        [typeof(object)] = "object",
    };

    /// <summary>
    /// Without the modifiers that do not matter to a caller; the listing writes arrays of any rank as T[].
    /// </summary>
    internal static string Normalized(string signature)
        => Modifiers.Aggregate(signature, (text, modifier) => text.Replace(modifier, "", StringComparison.Ordinal));

    /// <summary>Null for what callers can't reach, and for accessors.</summary>
    internal static string? Of(MemberInfo member)
        => member switch
        {
            MethodInfo method => Of(method),
            ConstructorInfo { IsStatic: false } constructor when constructor.IsPublic || constructor.IsFamily
                => $"new({Parameters(constructor)})",
            PropertyInfo { GetMethod: { } getter } property when getter.IsPublic || getter.IsFamily => Of(property, getter),
            FieldInfo field when field.IsPublic || field.IsFamily || field.IsFamilyOrAssembly
                => $"{(field.IsStatic ? "static " : "")}{Name(field.FieldType)} {field.Name}",
            _ => null,
        };

    private static string? Of(MethodInfo method)
    {
        var reachable = method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly;
        var accessor = method.IsSpecialName && !method.Name.StartsWith("op_", StringComparison.Ordinal);
        if (!reachable || accessor || method.Name is "Finalize" || method.Name.Contains('<') || method.Name.Contains('.'))
        {
            return null;
        }

        var generic = method.IsGenericMethod ? $"<{string.Join(", ", method.GetGenericArguments().Select(Name))}>" : "";
        return $"{(method.IsStatic ? "static " : "")}{Name(method.ReturnType)} {method.Name}{generic}({Parameters(method)})";
    }

    private static string Of(PropertyInfo property, MethodInfo getter)
    {
        var indexes = property.GetIndexParameters();
        var name = indexes.Length > 0 ? $"this[{string.Join(", ", indexes.Select(Of))}]" : property.Name;
        var setter = property.SetMethod is { IsPublic: true } ? "set; " : "";
        return $"{(getter.IsStatic ? "static " : "")}{Name(property.PropertyType)} {name} {{ get; {setter}}}";
    }

    private static string Parameters(MethodBase method) => string.Join(", ", method.GetParameters().Select(Of));

    private static string Of(ParameterInfo parameter)
    {
        var prefix = parameter.GetCustomAttribute<ParamArrayAttribute>() is not null ? "params "
            : parameter.ParameterType.IsByRef ? "ref " : "";
        var suffix = parameter.HasDefaultValue ? $" = {Default(parameter)}" : "";
        return $"{prefix}{Name(parameter.ParameterType)} {parameter.Name}{suffix}";
    }

    private static string? Default(ParameterInfo parameter)
    {
        var type = Nullable.GetUnderlyingType(parameter.ParameterType) ?? parameter.ParameterType;
        return parameter.RawDefaultValue switch
        {
            null => type.IsValueType && type == parameter.ParameterType ? "default" : "null",
            bool flag => flag ? "true" : "false",
            string text => $"\"{text}\"",
            { } value when type.IsEnum => Enum.GetName(type, value),
            { } value => Convert.ToString(value, CultureInfo.InvariantCulture),
        };
    }

    private static string Name(Type type)
    {
        if (type.IsByRef)
        {
            return Name(type.GetElementType()!);
        }

        if (type.IsArray)
        {
            return Name(type.GetElementType()!) + "[]";
        }

        if (Nullable.GetUnderlyingType(type) is { } underlying)
        {
            return Name(underlying) + "?";
        }

        var mark = type.Name.IndexOf('`', StringComparison.Ordinal);
        var plain = Keywords.GetValueOrDefault(type) ?? (mark > 0 ? type.Name[..mark] : type.Name);
        return mark > 0 ? $"{plain}<{string.Join(", ", type.GetGenericArguments().Select(Name))}>" : plain;
    }
}
