using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Forge.Gateway.Http;

/// <summary>Lists the one model that there is, with the keys of both vendors' lists.</summary>
internal sealed class ModelList(string model, DateTimeOffset created)
{
    public Task ListAsync(HttpContext context) => JsonBody.WriteAsync(context.Response, new JsonObject
    {
        ["object"] = "list",
        ["data"] = new JsonArray(Describe(model)),
        ["has_more"] = false,
        ["first_id"] = model,
        ["last_id"] = model,
    }, context.RequestAborted);

    /// <summary>Describes the model under whatever name it is asked for: harnesses ask for the names of their own vendors.</summary>
    public Task ShowAsync(HttpContext context, string id) => JsonBody.WriteAsync(context.Response, Describe(id), context.RequestAborted);

    private JsonObject Describe(string id) => new()
    {
        ["id"] = id,
        ["object"] = "model",
        ["type"] = "model",
        ["created"] = created.ToUnixTimeSeconds(),
        ["created_at"] = created.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture),
        ["owned_by"] = "forge",
        ["display_name"] = id,
    };
}
