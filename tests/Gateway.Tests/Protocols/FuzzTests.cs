using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Forge.Core.Text.MiniMax;
using Forge.Gateway.Protocols;

namespace Forge.Gateway.Tests.Protocols;

/// <summary>Feeds each view 100,000 requests mutated from recorded ones: only refusals may come out, and what is taken can be rendered.</summary>
public sealed class FuzzTests
{
    private const int Inputs = 100_000;

    private const long MostGrowth = 64L << 20;

    private static readonly MiniMaxM2ChatFormat Format = new();

    [Fact]
    public void Chat_only_refuses()
        => Fuzz(ApiProtocols.Chat, 1, Requests.OpenAiSdk, Requests.AiSdk, Requests.AgentsChat, Requests.LangGraph, Requests.Pi, Requests.QwenCode);

    [Fact]
    public void Responses_only_refuses() => Fuzz(ApiProtocols.Responses, 2, Requests.Codex, Requests.AgentsResponses, Requests.LangGraphResponses);

    [Fact]
    public void Messages_only_refuses() => Fuzz(ApiProtocols.Messages, 3, Requests.AnthropicSdk, Requests.QwenAnthropic);

    [Fact]
    public void Legacy_only_refuses() => Fuzz(ApiProtocols.Legacy, 4, Requests.Legacy);

    private static void Fuzz(IApiProtocol view, int seed, params string[] recorded)
    {
        var mutator = new RequestMutator(seed, recorded);
        var (taken, refused) = (0, 0);
        long before = 0;
        for (var index = 0; index < Inputs; index++)
        {
            if (index == Inputs / 10)
            {
                before = GC.GetTotalMemory(forceFullCollection: true);
            }

            var bytes = mutator.Next();
            try
            {
                using var document = JsonDocument.Parse(bytes, new JsonDocumentOptions { MaxDepth = 1000 });
                var request = view.Read(document.RootElement);
                taken++;
                if (index % 16 == 0)
                {
                    Use(view, request);
                }
            }
            catch (ApiFaultException fault)
            {
                refused++;
                Check(view, fault);
            }
            catch (JsonException)
            {
                // Not JSON: the listener refuses it before a view sees it.
            }
            catch (Exception error)
            {
                Assert.Fail($"Input {index} of seed {seed} threw {error}\n{Encoding.UTF8.GetString(bytes)}");
            }
        }

        Assert.True(taken > Inputs / 20 && refused > Inputs / 20, $"{taken} taken, {refused} refused: the mutations hit nothing.");
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, MostGrowth);
    }

    private static void Use(IApiProtocol view, ApiRequest request)
    {
        Assert.NotEmpty(Format.Render(request.Messages, request.Tools));
        Assert.NotEmpty(view.Write(request, Replies.Text("hi")).ToJsonString());
        Assert.NotEmpty(view.Stream(request, Replies.Calls(Replies.Call)));
    }

    private static void Check(IApiProtocol view, ApiFaultException fault)
    {
        Assert.Equal(400, view.StatusOf(fault.Kind));
        Assert.InRange(fault.Message.Length, 10, 2000);
        Assert.NotNull(JsonNode.Parse(view.WriteFault(fault, "req_1").ToJsonString())!["error"]!["message"]);
    }
}
