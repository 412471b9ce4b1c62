namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        private Tensor Replaced(Tensor result)
        {
            Dispose();
            return result;
        }
    }
}
