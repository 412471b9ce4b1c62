namespace Forge.AgentSide.Puzzles;

/// <summary>Offers a public method of a <see cref="PuzzleEnvironment"/> as a tool; its name is the method's in snake case.</summary>
/// <param name="description">One line for the model.</param>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ToolAttribute(string description) : Attribute
{
    public string Description { get; } = description;
}
