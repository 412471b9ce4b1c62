using System.Text.Json;
using Forge.Gateway.Completions;
using Forge.Gateway.Protocols;
using Forge.Gateway.Sessions;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Forge.Gateway.Http;

/// <summary>Answers the calls of one API.</summary>
/// <remarks>
/// <code>
/// read ─▶ episode ─▶ begin or join the call ─▶ stream: open, no-ops …, the answer, end
///                                            └▶ whole: (head and spaces, once it takes long) the answer
/// last byte flushed ─▶ delivered
/// </code>
/// What can be refused is refused before the first byte, with its status. After it, a fault that may pass closes the connection: clients ask again.
/// </remarks>
internal sealed class ApiEndpoint(ApiView view, EpisodeOfRequest episodes, ApiCompletions completions, HttpFrontParts parts, ILogger logger)
{
    private static readonly ReadOnlyMemory<byte> Space = " "u8.ToArray();

    public Task AnswerAsync(HttpContext context) => GuardAsync(context, async requestId =>
    {
        var request = await ReadAsync(context, ProtocolOf(context).Read);
        var isRetry = int.TryParse(context.Request.Headers["x-stainless-retry-count"], out var retries) && retries > 0;
        var call = completions.Begin(episodes.Of(context.Request), request, isRetry);
        await (request.Stream ? StreamAsync(context, request, call, requestId) : WholeAsync(context, request, call));
        context.RequestAborted.ThrowIfCancellationRequested();
        call.MarkDelivered();
    });

    public Task CountAsync(HttpContext context) => GuardAsync(context, async _ =>
    {
        var request = await ReadAsync(context, MessagesTokenCount.Read);
        var tokens = completions.Count(episodes.Of(context.Request), request);
        await JsonBody.WriteAsync(context.Response, MessagesTokenCount.Write(tokens), context.RequestAborted);
    });

    // The top of every call: whatever happens is answered in the API's shape, or closes the connection when an answer has begun.
    private async Task GuardAsync(HttpContext context, Func<string, Task> answer)
    {
        var requestId = RequestIds.Give(context);
        try
        {
            await answer(requestId);
        }
        catch (Exception error) when (context.RequestAborted.IsCancellationRequested || error is ConnectionAbortedException or ConnectionResetException)
        {
            FrontLog.ClientLeft(logger, requestId, context.Request.Path);
        }
        catch (Exception error)
        {
            var fault = FaultWriter.Of(error);
            if (fault.Kind == ApiFaultKind.Internal)
            {
                FrontLog.Failed(logger, error, requestId, context.Request.Path);
            }

            if (context.Response.HasStarted)
            {
                context.Abort();
                return;
            }

            await FaultWriter.WriteAsync(context, view.Protocol, fault, requestId);
        }
    }

    // Keys first: who may not call does not make the gateway read.
    private async Task<ApiRequest> ReadAsync(HttpContext context, Func<JsonElement, ApiRequest> read)
    {
        episodes.ScopeOf(context.Request);
        using var body = await JsonBody.ReadAsync(context.Request, context.RequestAborted);
        return read(body.RootElement);
    }

    // Versions are dates: their order is that of their texts.
    private IApiProtocol ProtocolOf(HttpContext context)
        => parts.Options.StrictMessages && view.Protocol == ApiProtocols.Messages
            && string.CompareOrdinal(context.Request.Headers["anthropic-version"].ToString(), "2026-10-21") >= 0
            ? ApiProtocols.StrictMessages
            : view.Protocol;

    private async Task StreamAsync(HttpContext context, ApiRequest request, GivenCall call, string requestId)
    {
        var aborted = context.RequestAborted;
        var events = view.Protocol.Begin(request, call.Id, call.Created);
        var writer = new SseWriter(context.Response);
        writer.Write(events.Open());
        await writer.FlushAsync(aborted);
        while (!await EndsWithinAsync(call, parts.Options.NoOpEvery, aborted))
        {
            writer.Comment("waiting");
            writer.Write(events.NoOp());
            await writer.FlushAsync(aborted);
        }

        try
        {
            writer.Write(events.Finish(await call.Reply));
        }
        catch (ApiFaultException fault) when (fault.Kind is not (ApiFaultKind.Unavailable or ApiFaultKind.TooMany or ApiFaultKind.EpisodeOver))
        {
            FrontLog.Lost(logger, fault, requestId, context.Request.Path);
            writer.Write(events.Fail(fault));
        }

        await writer.FlushAsync(aborted);
        await context.Response.CompleteAsync();
    }

    private async Task WholeAsync(HttpContext context, ApiRequest request, GivenCall call)
    {
        var (response, aborted) = (context.Response, context.RequestAborted);
        if (!await EndsWithinAsync(call, parts.Options.EarlyAfter, aborted))
        {
            response.StatusCode = StatusCodes.Status200OK;
            response.ContentType = "application/json";
            do
            {
                await response.BodyWriter.WriteAsync(Space, aborted);
            }
            while (!await EndsWithinAsync(call, parts.Options.NoOpEvery, aborted));
        }

        await JsonBody.WriteAsync(response, view.Protocol.Write(request, await call.Reply), aborted);
        await response.CompleteAsync();
    }

    private async Task<bool> EndsWithinAsync(GivenCall call, TimeSpan limit, CancellationToken aborted)
    {
        if (call.Reply.IsCompleted)
        {
            return true;
        }

        using var over = CancellationTokenSource.CreateLinkedTokenSource(aborted);
        var first = await Task.WhenAny(call.Reply, Task.Delay(limit, parts.Time, over.Token));
        await over.CancelAsync();
        aborted.ThrowIfCancellationRequested();
        return first == call.Reply;
    }
}
