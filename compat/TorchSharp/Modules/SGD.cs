using static TorchSharp.torch;
using static TorchSharp.torch.optim;

namespace TorchSharp.Modules;

/// <summary>Stochastic gradient descent with momentum, as PyTorch defines it.</summary>
public class SGD : OptimizerHelper, IMomentum
{
    public SGD(
        IEnumerable<Parameter> parameters, double lr, double momentum = 0, double dampening = 0, double weight_decay = 0,
        bool nesterov = false, bool maximize = false)
        : this([new ParamGroup(parameters, new Options())], lr, momentum, dampening, weight_decay, nesterov, maximize)
    {
    }

    public SGD(
        IEnumerable<ParamGroup> parameters, double lr, double momentum = 0, double dampening = 0, double weight_decay = 0,
        bool nesterov = false, bool maximize = false)
    {
        if (lr < 0 || momentum < 0 || dampening < 0 || weight_decay < 0 || (nesterov && (momentum == 0 || dampening != 0)))
        {
            throw new ArgumentException("SGD needs lr, momentum, dampening, weight_decay >= 0, and for nesterov a momentum and no dampening.");
        }

        _defaults = new Options
        {
            LearningRate = lr,
            InitialLearningRate = lr,
            momentum = momentum,
            dampening = dampening,
            weight_decay = weight_decay,
            nesterov = nesterov,
            maximize = maximize,
        };
        foreach (var group in parameters)
        {
            add_param_group(group);
        }
    }

    public double Momentum
    {
        get => ((Options)_defaults).momentum!.Value;
        set
        {
            foreach (var group in _parameter_groups.Cast<ParamGroup>())
            {
                group.Options.momentum = value;
            }
        }
    }

    public override void add_param_group(Modules.ParamGroup param_group)
    {
        var (own, defaults) = ((Options)param_group.Options, (Options)_defaults);
        own.LearningRate ??= defaults.LearningRate;
        own.InitialLearningRate = own.LearningRate!.Value;
        own.momentum ??= defaults.momentum;
        own.dampening ??= defaults.dampening;
        own.weight_decay ??= defaults.weight_decay;
        own.nesterov ??= defaults.nesterov;
        own.maximize ??= defaults.maximize;
        base.add_param_group(param_group);
        foreach (var parameter in param_group.Parameters)
        {
            var state = new State(parameter);
            state.Initialize(own);
            _state[parameter.Handle] = state;
        }
    }

    public override Tensor? step(Func<Tensor>? closure = null) => _step<ParamGroup>(Step, closure);

    private void Step(ParamGroup group)
    {
        var options = group.Options;
        foreach (var parameter in group.Parameters)
        {
            using var scope = NewDisposeScope();
            if (parameter.grad is not { } given)
            {
                continue;
            }

            var gradient = options.maximize!.Value ? -given : given;
            gradient = options.weight_decay == 0 ? gradient : gradient.add(parameter, options.weight_decay!.Value);
            gradient = options.momentum == 0 ? gradient : WithMomentum((State)_state[parameter.Handle], gradient, options);
            parameter.add_(gradient, -options.LearningRate!.Value);
        }
    }

    private static Tensor WithMomentum(State state, Tensor gradient, Options options)
    {
        var momentum = options.momentum!.Value;
        if (state.momentum_buffer is null)
        {
            state.momentum_buffer = gradient.detach().clone().DetachFromDisposeScope();
        }
        else
        {
            state.momentum_buffer.mul_(momentum).add_(gradient, 1 - options.dampening!.Value);
        }

        return options.nesterov!.Value ? gradient.add(state.momentum_buffer, momentum) : state.momentum_buffer;
    }

    public class Options : OptimizerOptions
    {
        public double? momentum;
        public double? dampening;
        public double? weight_decay;
        public bool? nesterov;
        public bool? maximize;
    }

    public class ParamGroup : ParamGroup<Options>, IMomentum
    {
        public ParamGroup()
        {
        }

        public ParamGroup(IEnumerable<Parameter> parameters, Options options)
            : base(parameters, options)
        {
        }

        public double Momentum
        {
            get => Options.momentum!.Value;
            set => Options.momentum = value;
        }
    }

    public class State(Parameter parameter) : OptimizerState(parameter)
    {
        public Tensor? momentum_buffer;

        public override void Initialize(OptimizerOptions options)
        {
            // The buffer starts as a copy of the first gradient.
        }

        public override void to(Device device)
            => momentum_buffer = momentum_buffer?.to(device, disposeAfter: true).DetachFromDisposeScope();

        protected override void Dispose(bool disposing)
        {
            momentum_buffer?.Dispose();
            base.Dispose(disposing);
        }
    }
}
