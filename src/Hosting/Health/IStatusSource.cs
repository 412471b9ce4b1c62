namespace Forge.Hosting.Health;

/// <summary>Tells what a part of the service does right now. Registered as a singleton; asked by <c>/status</c>.</summary>
public interface IStatusSource
{
    StatusReport Report();
}
