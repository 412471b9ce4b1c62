using Forge.Hosting.Faults;
using Forge.Hosting.RunFiles;

namespace Forge.Hosting.Tests.RunFiles;

public sealed class RunFileTests
{
    private static readonly RunSchema Schema = new RunSchema().Section<SampleOptions>("sample").Section<OtherOptions>("other")
        .Rule(run => run.Section<OtherOptions>().Groups > run.Section<SampleOptions>().Steps
            ? [("other.groups", "is more than sample.steps")] : []);

    [Fact]
    public void Every_kind_of_value_is_bound()
    {
        var options = Load("""
            sample:
              steps: 1_000
              learning_rate: 1e-3
              name: a b
              overlap: false
              seed: 18446744073709551615
              mode: as_finished
              deadline: 1m30s
              limit: 2000
              betas: [0.8, 0.9]
              shares: { records: 0.75, calc: 0.25 }
              loss:
                epsilon_high: 2
            """).Section<SampleOptions>();

        Assert.Equal(1000, options.Steps);
        Assert.Equal(0.001, options.LearningRate);
        Assert.Equal("a b", options.Name);
        Assert.False(options.Overlap);
        Assert.Equal(ulong.MaxValue, options.Seed);
        Assert.Equal(SampleMode.AsFinished, options.Mode);
        Assert.Equal(TimeSpan.FromSeconds(90), options.Deadline);
        Assert.Equal(2000, options.Limit);
        Assert.Equal([0.8, 0.9], options.Betas);
        Assert.Equal(0.75, options.Shares["records"]);
        Assert.Equal(2, options.Loss.EpsilonHigh);
    }

    [Fact]
    public void What_the_file_leaves_out_keeps_its_default()
        => Assert.Equal(0.0003, Load("other:\n  temperature: 0.5").Section<SampleOptions>().LearningRate);

    [Fact]
    public void An_empty_file_is_all_defaults() => Assert.Equal(10, Load("").Section<SampleOptions>().Steps);

    [Theory]
    [InlineData("sample:\n  steps: 1\n  learning_rte: 1", "run.yaml:3: sample.learning_rte: unknown key; the nearest known key is 'sample.learning_rate'")]
    [InlineData("sample:\n  temperature: 1", "run.yaml:2: sample.temperature: unknown key; the nearest known key is 'other.temperature'")]
    [InlineData("sampel:\n  steps: 1", "run.yaml:1: sampel: unknown section; the nearest known section is 'sample'")]
    [InlineData("sample:\n  loss:\n    epsilonhigh: 1", "run.yaml:3: sample.loss.epsilonhigh: unknown key; the nearest known key is 'sample.loss.epsilon_high'")]
    [InlineData("sample:\n  steps: many", "run.yaml:2: sample.steps: 'many' is not a whole number in [1, 1000]")]
    [InlineData("sample:\n  steps: \"5\"", "run.yaml:2: sample.steps: the text \"5\" is not a whole number in [1, 1000]")]
    [InlineData("sample:\n  steps: 1.5", "run.yaml:2: sample.steps: '1.5' is not a whole number in [1, 1000]")]
    [InlineData("sample:\n  steps: 0", "run.yaml:2: sample.steps: '0' is not a whole number in [1, 1000] (default 10)")]
    [InlineData("sample:\n  learning_rate: 0", "run.yaml:2: sample.learning_rate: '0' is not a number in (0, 1] (default 0.0003)")]
    [InlineData("sample:\n  learning_rate: .nan", "run.yaml:2: sample.learning_rate: '.nan' is not a number in (0, 1]")]
    [InlineData("sample:\n  overlap: yes", "run.yaml:2: sample.overlap: 'yes' is not true or false")]
    [InlineData("sample:\n  mode: as_finishd", "run.yaml:2: sample.mode: 'as_finishd' is not one of in_order, as_finished; the nearest is 'as_finished'")]
    [InlineData("sample:\n  device: cuad", "run.yaml:2: sample.device: 'cuad' is not one of cpu, cuda; the nearest is 'cuda'")]
    [InlineData("sample:\n  deadline: 90", "run.yaml:2: sample.deadline: '90' is not a duration such as 250ms, 30s, 5m, 1h30m")]
    [InlineData("sample:\n  betas: 0.9", "run.yaml:2: sample.betas: '0.9' is not a list, each item a number")]
    [InlineData("sample:\n  loss: 3", "run.yaml:2: sample.loss: '3' is not a mapping of keys")]
    [InlineData("sample:\n  steps:", "run.yaml:2: sample.steps: no value is not a whole number in [1, 1000]")]
    [InlineData("sample: 3", "run.yaml:1: sample: is a section: a mapping of keys, each on its own line below it")]
    [InlineData("sample:\n  limit: 2", "run.yaml:2: sample.limit: 2 is below steps (10); raise it or lower steps")]
    [InlineData("sample:\n  steps: 3\nother:\n  groups: 5", "run.yaml:4: other.groups: is more than sample.steps")]
    [InlineData("sample:\n  name: ${HOME}", "run.yaml:2: sample.name: '${HOME}': only secrets are read from the environment; write the value here")]
    [InlineData("sample:\n  token: abc", "run.yaml:2: sample.token: is a secret: write it as ${NAME} and set that environment variable")]
    [InlineData("sample:\n  token: ${ABSENT}", "run.yaml:2: sample.token: the environment variable ABSENT is not set")]
    public void A_wrong_key_is_named_with_its_place_and_remedy(string yaml, string expected)
    {
        var error = Assert.Throws<RunFileException>(() => Load(yaml));

        Assert.Equal(expected, Assert.Single(error.Violations).ToString());
    }

    [Theory]
    [InlineData("sample:\n  steps: 1\n  steps: 2")]
    [InlineData("sample: [")]
    [InlineData("- a\n- b")]
    [InlineData("sample: &a { loss: *a }")]
    public void A_broken_file_is_refused_with_a_line(string yaml)
        => Assert.StartsWith("run.yaml:", Assert.Throws<RunFileException>(() => Load(yaml)).Message, StringComparison.Ordinal);

    [Fact]
    public void All_violations_are_listed_at_once()
    {
        var error = Assert.Throws<RunFileException>(() => Load("sample:\n  steps: x\n  overlap: 3\nother:\n  tempratur: 1\nmodle:\n  a: 1"));

        Assert.Equal(["modle", "sample.steps", "sample.overlap", "other.tempratur"], error.Violations.Select(violation => violation.Path));
    }

    [Fact]
    public void An_override_wins_and_is_checked_alike()
    {
        var options = Load("sample:\n  steps: 5", "sample.steps=7", "sample.loss.epsilon_high=1", "sample.betas=[0.5]").Section<SampleOptions>();
        var error = Assert.Throws<RunFileException>(() => Load("", "sample.stpes=7"));

        Assert.Equal(7, options.Steps);
        Assert.Equal(1, options.Loss.EpsilonHigh);
        Assert.Equal([0.5], options.Betas);
        Assert.Equal("--set sample.stpes=7: sample.stpes: unknown key; the nearest known key is 'sample.steps'", error.Message);
    }

    [Theory]
    [InlineData("steps")]
    [InlineData("=3")]
    [InlineData("sample..steps=3")]
    public void An_override_that_is_no_assignment_is_a_usage_error(string assignment)
        => Assert.Throws<UsageException>(() => Load("", assignment));

    [Fact]
    public void The_resolved_file_gives_the_same_run_again()
    {
        var run = Load("sample:\n  name: 'yes: no'\n  deadline: 250ms\n  shares: { calc: 1 }\n  token: ${SECRET}\nother:\n  temperature: 0.1");

        var again = Load(run.Resolved);

        Assert.Equal(run.Resolved, again.Resolved);
        Assert.Equal(run.Hash, again.Hash);
        Assert.Equal("yes: no", again.Section<SampleOptions>().Name);
        Assert.Equal(TimeSpan.FromMilliseconds(250), again.Section<SampleOptions>().Deadline);
    }

    [Fact]
    public void A_secret_is_used_and_never_written()
    {
        var run = Load("sample:\n  token: ${SECRET}");

        Assert.Equal("hunter2", run.Section<SampleOptions>().Token);
        Assert.Contains("token: ${SECRET}", run.Resolved, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", run.Resolved, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_file_is_a_usage_error_that_names_it()
        => Assert.Contains("absent.yaml", Assert.Throws<UsageException>(() => RunFile.Load("absent.yaml", [], Schema, _ => null)).Message, StringComparison.Ordinal);

    private static RunFile Load(string yaml, params string[] overrides)
        => RunFile.Parse(yaml, "run.yaml", overrides, Schema, name => name == "SECRET" ? "hunter2" : null);
}
