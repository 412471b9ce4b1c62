namespace Forge.Core.Text.MiniMax;

/// <summary>The JSON types that a schema allows.</summary>
[Flags]
internal enum JsonTypes
{
    None = 0,
    Null = 1,
    Boolean = 2,
    Integer = 4,
    Number = 8,
    Object = 16,
    Array = 32,
    String = 64,
}
