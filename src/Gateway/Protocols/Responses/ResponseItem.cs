using System.Text.Json.Nodes;

namespace Forge.Gateway.Protocols.Responses;

/// <summary>One item of an answer, with the events that tell of it.</summary>
/// <param name="Begun">The item before its text came.</param>
/// <param name="Done">The whole item; made anew each time.</param>
/// <param name="Events">What comes in between, without place and number.</param>
internal sealed record ResponseItem(JsonObject Begun, Func<JsonObject> Done, IEnumerable<JsonObject> Events);
