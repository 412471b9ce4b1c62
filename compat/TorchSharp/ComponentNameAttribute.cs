namespace TorchSharp;

/// <summary>Gives a module's field another name in the state dictionary.</summary>
[AttributeUsage(AttributeTargets.Field, AllowMultiple = false, Inherited = false)]
public sealed class ComponentNameAttribute : Attribute
{
    public string? Name { get; set; }
}
