namespace Forge.Learning.Model.Attention.Levels.Planning;

/// <summary>How one node's rows and its path are attended to.</summary>
/// <param name="Carried">How many nodes right above it are keys of its own rows; those above them are met in rectangles.</param>
/// <param name="Closes">
/// Whether one rectangle of the carried nodes' and its own keys serves all descendants; otherwise each child carries them on.
/// </param>
internal readonly record struct NodeChoice(int Carried, bool Closes);
