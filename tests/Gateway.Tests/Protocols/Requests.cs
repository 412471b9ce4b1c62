using System.Text.Json;

namespace Forge.Gateway.Tests.Protocols;

/// <summary>Requests as the clients of the compatibility table send them; long texts are shortened.</summary>
internal static class Requests
{
    public const string OpenAiSdk = """
        {"model":"forge","messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"Hello"}],
         "temperature":0.7,"top_p":0.9,"n":2,"seed":9007199254740993,"stop":["END","\n\n"],"logprobs":true,"top_logprobs":2,
         "max_completion_tokens":512,"logit_bias":{"50256":-100},"presence_penalty":0.1,"user":"u-1","store":false,"metadata":{"run":"r1"},
         "service_tier":"auto","verbosity":"low","prompt_cache_key":"k","reasoning_effort":"medium","stream":true}
        """;

    public const string AiSdk = """
        {"model":"forge","max_tokens":1024,"temperature":0,"messages":[{"role":"system","content":"You use tools."},
         {"role":"user","content":"Weather in Oslo?"},
         {"role":"assistant","content":null,"reasoning_content":"I should look.","tool_calls":[{"id":"call_0_0","type":"function",
          "function":{"name":"weather","arguments":"{\"city\":\"Oslo\",\"days\":[1,2]}"}}]},
         {"role":"tool","tool_call_id":"call_0_0","content":"{\"celsius\":4}"}],
         "tools":[{"type":"function","function":{"name":"weather","description":"Weather.","parameters":{"type":"object",
          "properties":{"city":{"type":"string"},"days":{"type":"array"}},"required":["city"],"additionalProperties":false,
          "$schema":"http://json-schema.org/draft-07/schema#"}}}],"tool_choice":"auto"}
        """;

    public const string AgentsChat = """
        {"model":"forge","messages":[{"role":"system","content":"Help."},{"role":"user","content":"2+2?"},
         {"role":"assistant","content":"","tool_calls":[{"id":"call_0_0","type":"function","function":{"name":"add","arguments":"{\"a\":2,\"b\":2}"}}]},
         {"role":"tool","tool_call_id":"call_0_0","content":"4"}],
         "tools":[{"type":"function","function":{"name":"add","description":"Adds.","parameters":{"type":"object","properties":{"a":{"type":"number"},
          "b":{"type":"number"}},"required":["a","b"],"additionalProperties":false},"strict":true}}],"parallel_tool_calls":true,"stream":false}
        """;

    public const string LangGraph = """
        {"model":"forge","temperature":1,"messages":[{"role":"user","content":"Look it up."},
         {"role":"assistant","content":"","tool_calls":[{"id":"call_0_0","type":"function","function":{"name":"search","arguments":"{\"q\":\"x\"}"}}]},
         {"role":"tool","content":"found","name":"search","tool_call_id":"call_0_0"}],
         "tools":[{"type":"function","function":{"name":"search","description":"","parameters":{"type":"object","properties":{"q":{"type":"string"}}}}}],
         "stream":false}
        """;

    public const string OpenCode = """
        {"model":"forge","max_tokens":32000,"messages":[{"role":"system","content":"You are opencode."},{"role":"user","content":"Fix the bug."},
         {"role":"assistant","content":"","reasoning_content":"Read first.","tool_calls":[{"id":"call_0_0","type":"function",
          "function":{"name":"read","arguments":"{\"filePath\":\"/a.cs\"}"}},{"id":"call_0_1","type":"function",
          "function":{"name":"bash","arguments":"{\"command\":\"ls\"}"}}]},
         {"role":"tool","tool_call_id":"call_0_0","content":"text"},{"role":"tool","tool_call_id":"call_0_1","content":"a.cs"}],
         "tools":[{"type":"function","function":{"name":"read","description":"Reads.","parameters":{"type":"object","properties":{"filePath":{"type":"string"}}}}},
          {"type":"function","function":{"name":"bash","description":"Runs.","parameters":{"type":"object","properties":{"command":{"type":"string"}}}}}],
         "tool_choice":"auto","stream":true,"stream_options":{"include_usage":true}}
        """;

    public const string OpenCodeTitle = """
        {"model":"forge","max_tokens":32000,"messages":[{"role":"system","content":"You are a title generator."},
         {"role":"user","content":"Generate a title for this conversation:\n"},{"role":"user","content":"Fix the bug."}],
         "stream":true,"stream_options":{"include_usage":true}}
        """;

    public const string Pi = """
        {"model":"forge","messages":[{"role":"developer","content":"You are pi."},{"role":"user","content":[{"type":"text","text":"Do it."}]},
         {"role":"assistant","content":null,"reasoning_content":"hm","tool_calls":[{"id":"call_0_0","type":"function","function":{"name":"bash",
          "arguments":"{\"command\":\"pwd\"}"}}]},{"role":"tool","content":"/work","tool_call_id":"call_0_0"}],
         "stream":true,"stream_options":{"include_usage":true},"store":false,"max_completion_tokens":16384,
         "tools":[{"type":"function","function":{"name":"bash","description":"Runs.","parameters":{"type":"object","properties":{"command":{"type":"string"}}},
          "strict":false}}]}
        """;

    public const string QwenCode = """
        {"model":"forge","messages":[{"role":"system","content":"You are Qwen Code."},{"role":"user","content":[{"type":"text","text":"a"},
          {"type":"text","text":"b"},{"type":"text","text":"c"},{"type":"text","text":"d"},{"type":"text","text":"e"}]},
         {"role":"assistant","content":"","reasoning_content":"look","tool_calls":[{"id":"call_0_0","type":"function","function":{"name":"read_file",
          "arguments":"{\"path\":\"x\"}"}}]},
         {"role":"tool","tool_call_id":"call_0_0","content":[{"type":"text","text":"line"}]}],
         "max_tokens":32000,"stream":true,"stream_options":{"include_usage":true},
         "tools":[{"type":"function","function":{"name":"read_file","description":"Reads.","parameters":{"type":"object","properties":{"path":{"type":"string"}}}}}]}
        """;

    public const string Codex = """
        {"model":"forge","instructions":"You are Codex.","input":[
          {"type":"message","role":"developer","id":"msg_81f","content":[{"type":"input_text","text":"<permissions/>"}]},
          {"type":"message","role":"user","id":"msg_82a","content":[{"type":"input_text","text":"<environment_context/>"}]},
          {"type":"message","role":"user","content":[{"type":"input_text","text":"Fix it."}]},
          {"type":"reasoning","summary":[{"type":"summary_text","text":"List first."}],"encrypted_content":"gAAAA-of-another"},
          {"type":"function_call","name":"shell","arguments":"{\"command\":[\"ls\"]}","call_id":"call_0_0"},
          {"type":"function_call","name":"spawn","namespace":"multi_agent_v1","arguments":"{}","call_id":"call_0_1"},
          {"type":"function_call_output","call_id":"call_0_0","output":"a.cs"},
          {"type":"function_call_output","call_id":"call_0_1","output":"ok"}],
         "tools":[{"type":"function","name":"shell","description":"Runs.","strict":false,"parameters":{"type":"object",
           "properties":{"command":{"type":"array","items":{"type":"string"}}},"required":["command"],"additionalProperties":false}},
          {"type":"namespace","name":"multi_agent_v1","description":"Agents.","tools":[{"type":"function","name":"spawn","description":"Spawns.",
           "strict":false,"parameters":{"type":"object","properties":{"task":{"type":"string"}}}}]},
          {"type":"web_search","external_web_access":false}],
         "tool_choice":"auto","parallel_tool_calls":true,"reasoning":{"summary":"auto"},"store":false,"stream":true,
         "include":["reasoning.encrypted_content"],"prompt_cache_key":"0192","client_metadata":{"x":"y"}}
        """;

    public const string AgentsResponses = """
        {"model":"forge","instructions":"Help.","input":[{"role":"user","content":"2+2?"},
          {"type":"function_call","id":"fc_1","call_id":"call_0_0","name":"add","arguments":"{\"a\":2,\"b\":2}","status":"completed"},
          {"type":"function_call_output","call_id":"call_0_0","output":{"type":"text","text":"4"}}],
         "include":[],"tools":[{"type":"function","name":"add","description":"Adds.","parameters":{"type":"object","properties":{"a":{"type":"number"},
           "b":{"type":"number"}},"required":["a","b"],"additionalProperties":false},"strict":true}],"stream":false}
        """;

    public const string LangGraphResponses = """
        {"model":"forge","input":[{"type":"message","role":"user","content":"Hi"},
          {"type":"message","role":"assistant","id":"msg_1","status":"completed","content":[{"type":"output_text","text":"Hello","annotations":[]}]},
          {"type":"message","role":"user","content":"Again"}],"text":{},"stream":false,"truncation":"auto","max_output_tokens":100}
        """;

    public const string AnthropicSdk = """
        {"model":"forge","max_tokens":1024,"system":[{"type":"text","text":"Be brief.","cache_control":{"type":"ephemeral"}}],
         "messages":[{"role":"user","content":"Hello"},{"role":"system","content":"From now on in French."},{"role":"user","content":"Again"}],
         "thinking":{"type":"adaptive"},"output_config":{"effort":"high"},"metadata":{"user_id":"u"},"stop_sequences":["END"]}
        """;

    public const string QwenAnthropic = """
        {"model":"forge","max_tokens":32000,"temperature":1,"thinking":{"type":"enabled","budget_tokens":32000},
         "system":[{"type":"text","text":"You are Qwen Code.","cache_control":{"type":"ephemeral"}}],
         "messages":[{"role":"user","content":[{"type":"text","text":"Fix."}]},
          {"role":"assistant","content":[{"type":"thinking","thinking":"Read first.","signature":"other"},{"type":"text","text":"I read."},
           {"type":"tool_use","id":"call_0_0","name":"read","input":{"path":"x"}}]},
          {"role":"user","content":[{"type":"tool_result","tool_use_id":"call_0_0","content":[{"type":"text","text":"line"}],
            "cache_control":{"type":"ephemeral"}},{"type":"text","text":"go on"}]}],
         "tools":[{"name":"read","description":"Reads.","input_schema":{"type":"object","properties":{"path":{"type":"string"}}},
           "cache_control":{"type":"ephemeral"}},{"type":"web_search_20250305","name":"web_search"}],
         "tool_choice":{"type":"auto","disable_parallel_tool_use":true},"stream":true}
        """;

    public const string Legacy = """
        {"model":"forge","prompt":"Once upon","max_tokens":32,"n":2,"stop":".","logprobs":3,"echo":true,"stream":false,"best_of":2,"user":"u"}
        """;

    public static JsonElement Parse(string json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.Clone();
    }
}
