namespace Forge.Core.Chat;

/// <summary>Who speaks.</summary>
public enum ChatRole
{
    System,
    User,
    Assistant,
    Tool,
}
