namespace Forge.Hosting.Keys;

/// <summary>How far a key reaches, from the widest to the narrowest.</summary>
public enum KeyLevel
{
    Admin,
    Run,
    Episode,
}
