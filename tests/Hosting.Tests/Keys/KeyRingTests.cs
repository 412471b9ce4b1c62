using Forge.Hosting.Keys;
using Forge.TestKit;
using FsCheck;
using FsCheck.Fluent;

namespace Forge.Hosting.Tests.Keys;

public sealed class KeyRingTests
{
    private static readonly Gen<KeyScope> Scopes = Gen.OneOf(
        Gen.Constant(KeyScope.Admin),
        Gen.Elements("a", "b", "*", "").Where(run => run.Length > 0).Select(KeyScope.OfRun),
        Gen.Elements("a", "b", "*").SelectMany(run => Gen.Elements("1", "2", "*").Select(episode => KeyScope.OfEpisode(run, episode))));

    [Fact]
    public void No_key_can_mint_a_broader_key()
        => Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(2000),
            Prop.ForAll(
                Scopes.ListOf().Where(wanted => wanted.Count > 1).ToArbitrary(),
                wishes =>
                {
                    var keys = new KeyRing(new ManualTimeProvider());
                    keys.Add("root", wishes[0]);
                    var (key, scope) = ("root", wishes[0]);
                    foreach (var wish in wishes.Skip(1))
                    {
                        if (keys.Mint(key, wish, TimeSpan.FromHours(1)) is not { } child)
                        {
                            return !scope.Covers(wish) && !wish.Covers(scope);
                        }

                        if (!scope.Covers(child.Scope) || !wish.Covers(child.Scope) || keys.Find(child.Key) != child.Scope)
                        {
                            return false;
                        }

                        (key, scope) = child;
                    }

                    return true;
                }));

    [Fact]
    public void A_child_ends_with_its_parent()
    {
        var time = new ManualTimeProvider();
        var keys = new KeyRing(time);
        keys.Add("root", KeyScope.Admin);
        var parent = keys.Mint("root", KeyScope.OfRun("a"), TimeSpan.FromMinutes(10))!.Value.Key;
        var child = keys.Mint(parent, KeyScope.OfEpisode("a", "1"), TimeSpan.FromDays(10))!.Value.Key;

        time.Advance(TimeSpan.FromMinutes(10));

        Assert.Null(keys.Find(child));
        Assert.Null(keys.Mint(parent, KeyScope.OfEpisode("a", "1"), TimeSpan.FromDays(1)));
        Assert.NotNull(keys.Find("root"));
    }

    [Fact]
    public void A_revoked_key_is_not_found()
    {
        var keys = new KeyRing(new ManualTimeProvider());
        keys.Add("root", KeyScope.Admin);

        keys.Revoke("root");

        Assert.Null(keys.Find("root"));
        Assert.True(keys.IsEmpty);
    }

    [Fact]
    public void Expired_keys_are_forgotten()
    {
        var time = new ManualTimeProvider();
        var keys = new KeyRing(time);
        keys.Add("root", KeyScope.Admin);

        for (var i = 0; i < 10_000; i++)
        {
            keys.Mint("root", KeyScope.OfEpisode("a", $"{i}"), TimeSpan.FromMinutes(1));
            time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.InRange(keys.Count, 60, 1100);
        Assert.NotNull(keys.Find("root"));
    }

    [Fact]
    public void A_keys_file_gives_hashes_their_scopes()
    {
        using var folder = new TemporaryFolder();
        var hash = Convert.ToHexStringLower(KeyRing.HashOf("run key"));
        File.WriteAllText(folder.File("keys.json"), $$"""{"keys": [{"sha256": "{{hash}}", "level": "run", "run": "a"}]}""");
        var keys = new KeyRing(TimeProvider.System);

        foreach (var grant in KeyFile.Read(folder.File("keys.json")))
        {
            keys.Add(grant);
        }

        Assert.Equal(KeyScope.OfRun("a"), keys.Find("run key"));
        Assert.Null(keys.Find(hash));
    }

    [Theory]
    [InlineData("""{"keys": [{"sha256": "00", "level": "admin"}]}""", "sha256")]
    [InlineData("""{"keys": [{"level": "run"}]}""", "no scope")]
    [InlineData("""{"keys": [{"level": "run", "run": "a", "episode": "1"}]}""", "no scope")]
    [InlineData("""{"kesy": []}""", "docs/security.md")]
    [InlineData("[[[[[[]]]]]]", "docs/security.md")]
    [InlineData("nonsense", "docs/security.md")]
    public void A_keys_file_of_another_form_is_refused_with_the_reason(string text, string expected)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("keys.json"), text);

        var error = Assert.Throws<Forge.Core.Faults.ForgeException>(() => KeyFile.Read(folder.File("keys.json")));

        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }
}
