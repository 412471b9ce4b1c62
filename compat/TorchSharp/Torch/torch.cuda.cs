using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    public static bool cuda_is_available() => cuda.is_available();

    public static class cuda
    {
        public static bool is_available() => device_count() > 0;

        public static int device_count() => Native.Check(Native.forge_cuda_device_count());

        public static void manual_seed(long seed) => Native.Check(Native.forge_cuda_manual_seed((ulong)seed, 0));

        public static void manual_seed_all(long seed) => Native.Check(Native.forge_cuda_manual_seed((ulong)seed, 1));

        public static void synchronize(Device? device = null) => Native.Check(Native.forge_cuda_synchronize(device?.index ?? -1));
    }

    public static class backends
    {
        public static class cuda
        {
            public static class matmul
            {
                public static bool allow_tf32
                {
                    get => Native.forge_allow_tf32_cublas() != 0;
                    set => Native.forge_set_allow_tf32_cublas(value ? 1 : 0);
                }
            }
        }

        public static class cudnn
        {
            public static bool allow_tf32
            {
                get => Native.forge_allow_tf32_cudnn() != 0;
                set => Native.forge_set_allow_tf32_cudnn(value ? 1 : 0);
            }
        }
    }
}
