using System.Text.Json;
using System.Text.RegularExpressions;
using Forge.TestKit;

namespace Forge.Scenarios.Tests.Training;

/// <summary>A trainer that is killed at twenty random steps trains what one that lives on trains, bit for bit, given the same order of groups.</summary>
[Trait("Tier", "long")]
public sealed partial class ResumeEqualityTests(BasePolicy policy, ITestOutputHelper output) : IClassFixture<BasePolicy>, IDisposable
{
    private const int Kills = 20;
    private const int Steps = 64;
    private const string Loss = "loss/policy";

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task A_killed_and_resumed_trainer_repeats_the_losses_and_weights_of_one_that_lives_on()
    {
        var recorded = await RecordedRuns.RecordAsync(_folder, policy, Steps);
        string[] replay = ["train", "--replay", Path.Combine(recorded, "pool.db"), "--plain"];
        var whole = await ForgeProcess.RunAsync(_folder.Path, [.. replay, "--run-dir", "whole"]);
        Assert.True(whole.ExitCode == 0, whole.Error);

        var resumedAt = new List<long>();
        for (var kill = 0; kill < Kills; kill++)
        {
            string[] again = kill == 0 ? [] : ["--resume"];
            resumedAt.Add(await DieAfterAStepAsync([.. replay, "--run-dir", "killed", .. again], new Random(kill)));
        }

        var last = await ForgeProcess.RunAsync(_folder.Path, [.. replay, "--run-dir", "killed", "--resume"]);
        Assert.True(last.ExitCode == 0, last.Error);

        output.WriteLine($"first steps of the lives: {string.Join(", ", resumedAt)}");
        var (expected, actual) = (Losses("whole"), Losses("killed"));
        Assert.Equal(Steps, expected.Count);
        Assert.All(resumedAt, step => Assert.Equal(Bits(expected[step]), Bits(actual[step])));
        Assert.All(actual, step => Assert.Equal((step.Key, Bits(expected[step.Key])), (step.Key, Bits(step.Value))));
        Assert.Equal(Weights("whole"), Weights("killed"));
        Assert.True(expected.Values.Distinct().Count() > Steps / 2, "The losses of the steps hardly differ.");
    }

    public void Dispose() => _folder.Dispose();

    /// <returns>The first step of this life.</returns>
    private async Task<long> DieAfterAStepAsync(string[] arguments, Random random)
    {
        using var process = ForgeProcess.Start(_folder.Path, arguments);
        while (true)
        {
            var line = await process.Output.ReadLineAsync(TestContext.Current.CancellationToken).AsTask().ProcessTimeout();
            if (line is null)
            {
                Assert.Fail("The process ended before a step: " + await process.ErrorAsync());
            }

            if (StepLine().Match(line) is { Success: true } match)
            {
                await Task.Delay(random.Next(0, 30), TestContext.Current.CancellationToken);
                await process.KillAsync();
                return long.Parse(match.Groups[1].ValueSpan, System.Globalization.CultureInfo.InvariantCulture);
            }
        }
    }

    private SortedDictionary<long, double> Losses(string run)
    {
        var losses = new SortedDictionary<long, double>();
        foreach (var json in File.ReadAllLines(_folder.File($"{run}/metrics.jsonl")).Select(line => JsonDocument.Parse(line).RootElement))
        {
            if (json.TryGetProperty(Loss, out var value))
            {
                losses.Add(json.GetProperty("step").GetInt64(), value.GetDouble());
            }
        }

        return losses;
    }

    private byte[] Weights(string run) => File.ReadAllBytes(_folder.File($"{run}/checkpoints/step-{Steps:D6}/model.safetensors"));

    private static long Bits(double value) => BitConverter.DoubleToInt64Bits(value);

    [GeneratedRegex(@"step (\d+)/")]
    private static partial Regex StepLine();
}
