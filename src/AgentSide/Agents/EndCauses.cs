namespace Forge.AgentSide.Agents;

/// <summary>The machine-readable causes of an episode's end.</summary>
public static class EndCauses
{
    public const string FinalAnswer = "final_answer";
    public const string MaxTurns = "max_turns";
    public const string MaxTokens = "max_tokens";
    public const string MaxNewTokens = "max_new_tokens";
    public const string MaxContext = "max_context";
    public const string Timeout = "timeout";
    public const string MalformedCall = "malformed_call";
    public const string EmptyAnswer = "empty_answer";
    public const string PostedReward = "posted_reward";
    public const string EnvironmentError = "environment_error";
    public const string GatewayError = "gateway_error";
}
