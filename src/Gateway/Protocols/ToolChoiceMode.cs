namespace Forge.Gateway.Protocols;

/// <summary>What a caller allows the model to do with tools.</summary>
public enum ToolChoiceMode
{
    Auto,
    None,
    Required,
    Named,
}
