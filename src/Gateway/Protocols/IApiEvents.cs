namespace Forge.Gateway.Protocols;

/// <summary>One stream of events in an API's shapes; used by one call, in this order: opening, no-ops while the engine works, the reply.</summary>
public interface IApiEvents
{
    /// <summary>What can be said before anything was generated.</summary>
    IEnumerable<ServerSentEvent> Open();

    /// <summary>An event that every client parses and that changes nothing: it keeps clients from giving up on a silent stream.</summary>
    ServerSentEvent NoOp();

    /// <summary>The answer, cut into deltas, and what ends the stream.</summary>
    IEnumerable<ServerSentEvent> Finish(ApiReply reply);

    /// <summary>Says that generation is lost for good; clients take it for the end of the run.</summary>
    IEnumerable<ServerSentEvent> Fail(ApiFaultException fault);
}
