using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    public static Generator manual_seed(long seed)
    {
        Native.Check(Native.forge_manual_seed((ulong)seed));
        return Generator.Default;
    }

    public static Tensor get_rng_state() => random.get_rng_state();

    public static void set_rng_state(Tensor new_state) => random.set_rng_state(new_state);

    public static class random
    {
        public static Generator manual_seed(long seed) => torch.manual_seed(seed);

        public static long initial_seed() => Generator.Default.initial_seed();

        public static long seed() => Generator.Default.seed();

        public static Tensor get_rng_state() => Generator.Default.get_state();

        public static void set_rng_state(Tensor new_state) => Generator.Default.set_state(new_state);
    }

    /// <summary>A source of random numbers with its own state, on one device.</summary>
    public sealed class Generator : IDisposable
    {
        private IntPtr _handle;

        public Generator(ulong seed = 0, Device? device = null)
        {
            this.device = device ?? CPU;
            Native.Check(Native.forge_generator_new(seed, this.device.Packed, out _handle));
        }

        private Generator(IntPtr handle)
        {
            device = CPU;
            _handle = handle;
        }

        ~Generator() => Release();

        public static Generator Default
        {
            get
            {
                Native.Check(Native.forge_generator_default(CPU.Packed, out var handle));
                return new Generator(handle);
            }
        }

        public IntPtr Handle => _handle != 0 ? _handle : throw new InvalidOperationException("The generator is disposed.");

        public Device device { get; }

        public Generator manual_seed(long seed)
        {
            Native.Check(Native.forge_generator_set_seed(Handle, (ulong)seed));
            return this;
        }

        public long initial_seed()
        {
            Native.Check(Native.forge_generator_seed(Handle, 0, out var seed));
            return (long)seed;
        }

        public long seed()
        {
            Native.Check(Native.forge_generator_seed(Handle, 1, out var seed));
            return (long)seed;
        }

        public Tensor get_state()
        {
            Native.Check(Native.forge_generator_get_state(Handle, out var state));
            return new Tensor(state);
        }

        public void set_state(Tensor value) => Native.Check(Native.forge_generator_set_state(Handle, value.Handle));

        public void Dispose()
        {
            Release();
            GC.SuppressFinalize(this);
        }

        private void Release()
        {
            if (_handle != 0)
            {
                Native.forge_generator_free(_handle);
                _handle = 0;
            }
        }
    }
}
