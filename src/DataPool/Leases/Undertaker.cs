using Forge.Core.Ports;
using Forge.Core.Ring;
using Forge.DataPool.Stores;

namespace Forge.DataPool.Leases;

/// <summary>Writes groups without attempts left to the dead-letter table and the consumption log, each exactly once.</summary>
internal sealed class Undertaker(PoolState state)
{
    /// <summary>Gives up what lost leases have doomed. Returns true when there was something.</summary>
    public async Task<bool> GiveUpDoomedAsync()
    {
        var any = false;
        while (state.With(schedule => schedule.Places.TryNextDoomed(out var letter) ? letter : null) is { } next)
        {
            await GiveUpAsync(next, broken: null);
            any = true;
        }

        return any;
    }

    /// <param name="letter">Which group, and why.</param>
    /// <param name="broken">The last failure's result; null for a lost lease.</param>
    public async Task<Receipt> GiveUpAsync(DeadLetter letter, EpisodeResult? broken)
    {
        Receipt receipt;
        try
        {
            receipt = await state.WriteAsync(store => store.GiveUpAsync(letter, broken));
        }
        catch
        {
            state.Change(schedule => schedule.Places.Doom(letter));
            throw;
        }

        state.Change(schedule => schedule.GiveUp(letter.Group, receipt));
        return receipt;
    }
}
