using System.Globalization;
using Forge.Core.Faults;
using Forge.Learning.Checkpoints.Safetensors;
using Forge.Learning.Fused;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Forge.Learning.Optim;

/// <summary>AdamW with decoupled decay; moments and, below fp32, master weights are kept in fp32.</summary>
/// <remarks>Not thread-safe. A parameter without gradient is passed over: it neither moves nor decays.</remarks>
public sealed class AdamW : IDisposable
{
    private const string StepKey = "step";

    private readonly AdamWOptions _options;
    private readonly AdamWKernel _kernel;
    private readonly List<AdamWState> _states;

    /// <param name="parameters">Named parameters, such as a module's <c>named_parameters()</c>.</param>
    /// <param name="options">Betas, epsilon, decay.</param>
    /// <param name="kernel">The arithmetic; null takes the fastest.</param>
    public AdamW(IEnumerable<(string Name, Parameter Value)> parameters, AdamWOptions options, AdamWKernel? kernel = null)
    {
        (_options, _kernel) = (options, kernel ?? new FusedAdamW());
        _states = [.. parameters.Select(named => new AdamWState(named.Name, named.Value))];
    }

    /// <summary>Updates made so far.</summary>
    public long StepCount { get; private set; }

    public IReadOnlyList<AdamWState> States => _states;

    /// <summary>Bytes of moments and masters.</summary>
    public long StateBytes => _states.Sum(state => state.Stored().Sum(pair => pair.Value.numel() * pair.Value.ElementSize));

    /// <summary>Moves every parameter that has a gradient.</summary>
    /// <param name="learningRate">Of this step, after schedule; not negative.</param>
    public void Step(double learningRate)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(learningRate);
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        StepCount++;
        var updates = _states.Where(state => state.Parameter.grad is not null)
            .Select(state => new AdamWUpdate(state, state.Parameter.grad!, NumbersOf(state, learningRate))).ToList();
        _kernel.Apply(updates);
        updates.ForEach(update => update.State.WriteBack());
    }

    /// <summary>Clears every gradient.</summary>
    public void ZeroGrad()
    {
        foreach (var state in _states)
        {
            state.Parameter.grad = null;
        }
    }

    /// <summary>
    /// Takes the model's present weights as masters; call it after weights were written from elsewhere.
    /// </summary>
    public void AdoptWeights()
    {
        using var frozen = no_grad();
        foreach (var state in _states)
        {
            state.ReadBack();
        }
    }

    /// <summary>Writes all state as one safetensors file, whole or not at all.</summary>
    public void Save(string path)
        => SafetensorsWriter.Write(
            path,
            _states.SelectMany(state => state.Stored()).ToDictionary(),
            new Dictionary<string, string> { [StepKey] = StepCount.ToString(CultureInfo.InvariantCulture) });

    /// <summary>Restores what <see cref="Save"/> wrote, bit for bit; masters are rounded into the model.</summary>
    /// <exception cref="ForgeException">The file is damaged, or is the state of other parameters; nothing was
    /// changed.</exception>
    public void Load(string path)
    {
        using var file = SafetensorsFile.Open(path);
        var own = _states.SelectMany(state => state.Stored()).ToDictionary();
        if (!file.Metadata.TryGetValue(StepKey, out var text)
            || !long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var step))
        {
            throw new ForgeException($"{path} is no optimizer state: its metadata has no step.");
        }

        var strange = own.Where(pair => !Fits(file.Find(pair.Key), pair.Value)).Select(pair => pair.Key)
            .Concat(file.Entries.Select(entry => entry.Name).Where(name => !own.ContainsKey(name))).ToList();
        if (strange.Count > 0)
        {
            throw new ForgeException($"{path} is the optimizer state of another model; missing, extra or of another shape or dtype:\n  "
                + string.Join("\n  ", strange));
        }

        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        foreach (var (name, tensor) in own)
        {
            tensor.copy_(file.Read(name));
        }

        StepCount = step;
        _states.ForEach(state => state.WriteBack());
    }

    public void Dispose() => _states.ForEach(state => state.Dispose());

    private AdamWStep NumbersOf(AdamWState state, double learningRate)
    {
        var decays = _options.DecayNorms || state.Parameter.dim() > 1;
        return new AdamWStep(
            learningRate, _options.Beta1, _options.Beta2, _options.Epsilon, decays ? _options.WeightDecay : 0, StepCount);
    }

    private static bool Fits(SafetensorsEntry? entry, Tensor tensor)
        => entry is not null && entry.Dtype.Scalar == tensor.dtype && entry.Shape.SequenceEqual(tensor.shape);
}
