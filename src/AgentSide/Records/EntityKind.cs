namespace Forge.AgentSide.Records;

/// <summary>What a record is about.</summary>
public enum EntityKind
{
    Person,
    City,
}
