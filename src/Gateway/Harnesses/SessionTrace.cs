using Forge.Core.Harnesses;

namespace Forge.Gateway.Harnesses;

/// <summary>Collects what was recorded of one episode. Safe for concurrent use.</summary>
internal sealed class SessionTrace
{
    private readonly Lock _lock = new();
    private readonly SortedDictionary<int, HarnessCall> _calls = [];
    private string? _limit;
    private string? _fault;

    /// <summary>A completion was kept; whatever went wrong before did not keep the program from going on.</summary>
    public void Keep(int turn, HarnessCall call)
    {
        lock (_lock)
        {
            _calls[turn] = call;
            _fault = null;
        }
    }

    /// <summary>A call was refused for a limit; the first one counts.</summary>
    public void Refuse(string limit)
    {
        lock (_lock)
        {
            _limit ??= limit;
        }
    }

    /// <summary>A call could not be answered.</summary>
    public void Fail(string fault)
    {
        lock (_lock)
        {
            _fault = fault;
        }
    }

    public HarnessTrace Read()
    {
        lock (_lock)
        {
            return new HarnessTrace([.. _calls.Values], _limit, _fault);
        }
    }
}
