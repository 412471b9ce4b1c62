using Forge.Core.Text.MiniMax;
using Forge.Core.Text.Tokenization;
using Forge.Core.Text.Training;

namespace Forge.TestKit;

/// <summary>A real tokenizer with the format's special tokens and a few merges, for tests of what stands on one.</summary>
public static class TinyTokenizer
{
    private static readonly Lazy<ByteLevelBpeTokenizer> Trained = new(() => ByteLevelBpeTokenizer.Parse(new BpeTrainer(new BpeTrainerOptions
    {
        VocabularySize = 400,
        SpecialTokens = MiniMaxM2Tokens.All,
    }).Train(["<response>error: busy</response>", "<invoke name=\"lookup\">\n<parameter name=\"of\">Ann</parameter>\n</invoke>\n", "the answer is the boss of Ann"])));

    public static ByteLevelBpeTokenizer Instance => Trained.Value;

    public static int EndTokenId => Instance.TokenId(MiniMaxM2Tokens.End)!.Value;
}
