using Forge.Core.Ring;
using Forge.DataPool.Stores;

namespace Forge.DataPool.Tests.Simulation;

internal sealed class ModelEpisode(GroupId group, StoredEpisode attempt)
{
    public GroupId Group { get; } = group;

    public StoredEpisode Attempt { get; set; } = attempt;

    public bool IsSuperseded { get; set; }

    public EpisodeResult? Result { get; set; }
}
