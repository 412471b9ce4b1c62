using Forge.Learning.Model.Configuration;

namespace Forge.Learning.Tests.Model;

public sealed class M2FlopRatesTests
{
    [Fact]
    public void Of_counts_the_weights_that_work_on_a_row()
    {
        var config = new M2Config
        {
            VocabSize = 100,
            HiddenSize = 10,
            NumHiddenLayers = 2,
            NumAttentionHeads = 3,
            NumKeyValueHeads = 1,
            HeadDim = 4,
            RotaryDim = 4,
            IntermediateSize = 7,
            NumLocalExperts = 5,
            NumExpertsPerToken = 2,
        };

        var rates = M2FlopRates.Of(config);

        var (projections, norms, router, experts) = ((2 * 120) + (2 * 40), 12 + 4 + 20, 55, 2 * 3 * 70);
        Assert.Equal(6 * ((2 * (projections + norms + router + experts)) + 10), rates.PerToken);
        Assert.Equal(12 * 4 * 3 * 2, rates.PerPair);
        Assert.Equal(6 * 10 * 100, rates.PerEdge);
    }
}
