namespace TorchSharp;

public static partial class torch
{
    /// <summary>One position of an index expression: a number, a slice, a mask or index tensor, a new axis, or the rest.</summary>
    public readonly struct TensorIndex
    {
        public static TensorIndex Ellipsis = new(IndexKind.Ellipsis);
        public static TensorIndex None = new(IndexKind.NewAxis);
        public static TensorIndex Null = new(IndexKind.NewAxis);
        public static TensorIndex Colon = new(IndexKind.Slice);

        internal readonly IndexKind Kind;
        internal readonly long? First;
        internal readonly long? Stop;
        internal readonly long? Step;
        internal readonly Tensor? Indices;

        private TensorIndex(IndexKind kind, long? first = null, long? stop = null, long? step = null, Tensor? indices = null)
        {
            Kind = kind;
            First = first;
            Stop = stop;
            Step = step;
            Indices = indices;
        }

        internal enum IndexKind
        {
            Slice,
            Single,
            Bool,
            Tensor,
            NewAxis,
            Ellipsis,
        }

        public static implicit operator TensorIndex(long value) => Single(value);

        public static implicit operator Tensor(TensorIndex value)
            => value.Kind switch
            {
                IndexKind.Tensor => value.Indices!,
                IndexKind.Single => tensor(value.First!.Value),
                _ => throw new InvalidCastException($"An index of kind {value.Kind} is not a tensor."),
            };

        public static implicit operator TensorIndex((int?, int?) range) => Slice(range);

        public static implicit operator TensorIndex(Range range) => Slice(range);

        public static implicit operator TensorIndex(Index index) => Single(index.IsFromEnd ? -index.Value : index.Value);

        public static TensorIndex Bool(bool value) => new(IndexKind.Bool, value ? 1 : 0);

        public static TensorIndex Single(long? index) => index is null ? None : new(IndexKind.Single, index);

        public static TensorIndex Slice(long? start = null, long? stop = null, long? step = null)
            => new(IndexKind.Slice, start, stop, step);

        public static TensorIndex Slice((int?, int?) range) => Slice(range.Item1, range.Item2);

        public static TensorIndex Slice(Range range)
            => Slice(
                range.Start.IsFromEnd ? -range.Start.Value : range.Start.Value,
                !range.End.IsFromEnd ? range.End.Value : range.End.Value == 0 ? null : -range.End.Value);

        public static TensorIndex Tensor(Tensor tensor) => new(IndexKind.Tensor, indices: tensor);
    }
}
