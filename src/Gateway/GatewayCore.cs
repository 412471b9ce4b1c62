using Forge.Core.Ports;
using Forge.Core.Text.MiniMax;
using Forge.Core.Text.Tokenization;
using Forge.Gateway.Sessions;

namespace Forge.Gateway;

/// <summary>What all doors of one gateway share: the port inside the process, and HTTP.</summary>
/// <param name="generator">The engine.</param>
/// <param name="sink">Keeps every completion.</param>
/// <param name="tokenizer">The policy's vocabulary.</param>
/// <param name="format">The policy's chat format.</param>
/// <param name="options">Limits.</param>
internal sealed class GatewayCore(
    IGenerator generator, IEpisodeSink sink, ByteLevelBpeTokenizer tokenizer, MiniMaxM2ChatFormat format, GatewayOptions options)
{
    public IGenerator Generator => generator;

    public IEpisodeSink Sink => sink;

    public ByteLevelBpeTokenizer Tokenizer => tokenizer;

    public GatewayOptions Options => options;

    public EpisodeSessions Sessions { get; } = new(tokenizer, format);

    public SharedPrefixes SharedPrefixes { get; } = new(tokenizer, format);

    public GatewayCounters Counters { get; } = new();
}
