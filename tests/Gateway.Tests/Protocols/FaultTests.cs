using Forge.Gateway.Protocols;

namespace Forge.Gateway.Tests.Protocols;

/// <summary>The checklist's errors: exact statuses, types and codes of both vendors.</summary>
public sealed class FaultTests
{
    [Theory]
    [InlineData(ApiFaultKind.Invalid, 400, "invalid_request_error", null)]
    [InlineData(ApiFaultKind.ContextFull, 400, "invalid_request_error", "context_length_exceeded")]
    [InlineData(ApiFaultKind.EpisodeOver, 400, "invalid_request_error", "episode_over")]
    [InlineData(ApiFaultKind.UnknownKey, 401, "invalid_request_error", "invalid_api_key")]
    [InlineData(ApiFaultKind.Forbidden, 403, "invalid_request_error", "permission_denied")]
    [InlineData(ApiFaultKind.NotFound, 404, "invalid_request_error", null)]
    [InlineData(ApiFaultKind.UnknownModel, 404, "invalid_request_error", "model_not_found")]
    [InlineData(ApiFaultKind.WrongMethod, 405, "invalid_request_error", "method_not_supported")]
    [InlineData(ApiFaultKind.TooLarge, 413, "invalid_request_error", "request_too_large")]
    [InlineData(ApiFaultKind.TooMany, 429, "requests", "rate_limit_exceeded")]
    [InlineData(ApiFaultKind.Internal, 500, "server_error", null)]
    [InlineData(ApiFaultKind.Unavailable, 503, "server_error", null)]
    public void Openai_errors_have_all_four_keys(ApiFaultKind kind, int status, string type, string? code)
    {
        foreach (var view in new[] { ApiProtocols.Chat, ApiProtocols.Responses, ApiProtocols.Legacy })
        {
            var error = view.WriteFault(new ApiFaultException(kind, "what", "where"), "req_1")["error"]!.AsObject();

            Assert.Equal(status, view.StatusOf(kind));
            Assert.Equal(["message", "type", "param", "code"], error.Select(field => field.Key));
            Assert.Equal(("what", type, "where", code), (error["message"].Text(), error["type"].Text(), error["param"].Text(), error["code"].Text()));
        }
    }

    [Theory]
    [InlineData(ApiFaultKind.Invalid, 400, "invalid_request_error")]
    [InlineData(ApiFaultKind.ContextFull, 400, "invalid_request_error")]
    [InlineData(ApiFaultKind.EpisodeOver, 400, "invalid_request_error")]
    [InlineData(ApiFaultKind.UnknownKey, 401, "authentication_error")]
    [InlineData(ApiFaultKind.Forbidden, 403, "permission_error")]
    [InlineData(ApiFaultKind.NotFound, 404, "not_found_error")]
    [InlineData(ApiFaultKind.UnknownModel, 404, "not_found_error")]
    [InlineData(ApiFaultKind.WrongMethod, 405, "invalid_request_error")]
    [InlineData(ApiFaultKind.TooLarge, 413, "request_too_large")]
    [InlineData(ApiFaultKind.TooMany, 429, "rate_limit_error")]
    [InlineData(ApiFaultKind.Internal, 500, "api_error")]
    [InlineData(ApiFaultKind.Unavailable, 529, "overloaded_error")]
    public void Anthropic_errors_have_type_error_and_request_id(ApiFaultKind kind, int status, string type)
    {
        var body = ApiProtocols.Messages.WriteFault(new ApiFaultException(kind, "what"), "req_1");

        Assert.Equal(status, ApiProtocols.Messages.StatusOf(kind));
        Assert.Equal(("error", "req_1", type), (body["type"].Text(), body["request_id"].Text(), body["error"]!["type"].Text()));
        Assert.EndsWith("what", body["error"]!["message"].Text(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_full_context_is_said_in_the_words_that_agents_look_for()
    {
        var fault = new ApiFaultException(ApiFaultKind.ContextFull, "70000 tokens, 65536 fit.");

        var error = ApiProtocols.Messages.WriteFault(fault, "req_1")["error"]!;

        Assert.StartsWith("prompt is too long: ", error["message"].Text(), StringComparison.Ordinal);
        Assert.Equal("context_length_exceeded", error["details"]!["error_code"].Text());
    }

    [Fact]
    public void Every_path_has_its_view()
        => Assert.Equal(
            ["/chat/completions", "/completions", "/messages", "/responses"], ApiProtocols.ByPath.Keys.Order(StringComparer.Ordinal));
}
