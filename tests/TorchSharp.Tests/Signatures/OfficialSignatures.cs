namespace Forge.TorchSharp.Tests.Signatures;

/// <summary>The public signatures of the official package, for the types that the stand-in has.</summary>
internal static class OfficialSignatures
{
    internal static Dictionary<string, HashSet<string>> Read()
    {
        using var stream = typeof(OfficialSignatures).Assembly.GetManifestResourceStream("official-signatures.txt")!;
        using var reader = new StreamReader(stream);
        var types = new Dictionary<string, HashSet<string>>();
        HashSet<string> members = [];
        while (reader.ReadLine() is { } line)
        {
            if (line.StartsWith("  ", StringComparison.Ordinal))
            {
                members.Add(SignatureText.Normalized(line.Trim()));
            }
            else
            {
                types.Add(line, members = []);
            }
        }

        return types;
    }
}
