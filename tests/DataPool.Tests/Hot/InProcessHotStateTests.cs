using Forge.DataPool.Hot;

namespace Forge.DataPool.Tests.Hot;

public sealed class InProcessHotStateTests : HotStateConformance
{
    protected override Task<IHotState> OpenAsync(string run) => Task.FromResult<IHotState>(new InProcessHotState(TimeProvider.System));
}
