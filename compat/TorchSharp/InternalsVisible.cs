using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("Forge.TorchSharp.Tests")]
