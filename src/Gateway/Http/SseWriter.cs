using System.Text;
using Forge.Gateway.Protocols;
using Microsoft.AspNetCore.Http;

namespace Forge.Gateway.Http;

/// <summary>Writes server-sent events; nothing leaves before <see cref="FlushAsync"/>.</summary>
internal sealed class SseWriter
{
    private readonly HttpResponse _response;

    public SseWriter(HttpResponse response)
    {
        _response = response;
        response.StatusCode = StatusCodes.Status200OK;
        response.ContentType = "text/event-stream; charset=utf-8";
        response.Headers.CacheControl = "no-cache";

        // Proxies that gather small pieces would undo every flush.
        response.Headers["x-accel-buffering"] = "no";
    }

    public void Write(IEnumerable<ServerSentEvent> events)
    {
        foreach (var sent in events)
        {
            Write(sent);
        }
    }

    public void Write(ServerSentEvent sent)
    {
        if (sent.Name is { } name)
        {
            Put("event: ");
            Put(name);
            Put("\n");
        }

        Put("data: ");
        Put(sent.Data);
        Put("\n\n");
    }

    /// <summary>A line that clients do not parse; it keeps what is between them and us from closing the connection.</summary>
    public void Comment(string text)
    {
        Put(": ");
        Put(text);
        Put("\n\n");
    }

    public async Task FlushAsync(CancellationToken cancellationToken) => await _response.BodyWriter.FlushAsync(cancellationToken);

    private void Put(string text) => Encoding.UTF8.GetBytes(text, _response.BodyWriter);
}
