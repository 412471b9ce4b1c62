using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    // Indexing as in Python: numbers, slices and new axes make a view; index and mask tensors gather from it.
    public partial class Tensor
    {
        public Tensor this[params TensorIndex[] indices]
        {
            get => index(indices);
            set => index_put_(value, indices);
        }

        public Tensor this[params Tensor[] indices]
        {
            get => index(indices);
            set => index_put_(value, indices);
        }

        public Tensor this[long i1]
        {
            get => index(TensorIndex.Single(i1));
            set => index_put_(value, TensorIndex.Single(i1));
        }

        public Tensor this[long i1, long i2]
        {
            get => index(i1, i2);
            set => index_put_(value, [i1, i2]);
        }

        public Tensor this[long i1, long i2, long i3]
        {
            get => index(i1, i2, i3);
            set => index_put_(value, [i1, i2, i3]);
        }

        public Tensor this[long i1, long i2, long i3, long i4]
        {
            get => index(i1, i2, i3, i4);
            set => index_put_(value, [i1, i2, i3, i4]);
        }

        public Tensor index(params TensorIndex[] indices)
        {
            var (view, gathered) = Viewed(indices);
            return gathered.Length == 0 ? view : Ops.index_Tensor.Call(view, Arg.Tensors(gathered));
        }

        public Tensor index(params Tensor[] indices) => Ops.index_Tensor.Call(this, Arg.Tensors(indices));

        public Tensor index_put_(Tensor value, params TensorIndex[] indices) => index_put_(value, indices, false);

        public Tensor index_put_(Tensor value, TensorIndex[] indices, bool accumulate = false)
        {
            var (view, gathered) = Viewed(indices);
            if (gathered.Length > 0)
            {
                Ops.index_put_.Self(view, Arg.Tensors(gathered), value, accumulate);
            }
            else if (accumulate)
            {
                view.add_(value);
            }
            else
            {
                view.copy_(value);
            }

            return this;
        }

        public Tensor index_put_(Tensor value, params Tensor[] indices) => index_put_(value, indices, false);

        public Tensor index_put_(Tensor value, Tensor[] indices, bool accumulate = false)
            => Ops.index_put_.Self(this, Arg.Tensors(indices), value, accumulate);

        public Tensor index_put_(Scalar value, params TensorIndex[] indices)
        {
            using var filled = full(Array.Empty<long>(), value, dtype, device);
            return index_put_(filled, indices, false);
        }

        public Tensor index_put_(Scalar value, params Tensor[] indices)
        {
            using var filled = full(Array.Empty<long>(), value, dtype, device);
            return index_put_(filled, indices, false);
        }

        /// <summary>Applies what makes views; returns the index tensors that remain, null at dimensions taken whole.</summary>
        private (Tensor View, Tensor?[] Gathered) Viewed(TensorIndex[] indices)
        {
            var view = alias();
            var gathered = new List<Tensor?>();
            var dim = 0;
            foreach (var index in indices)
            {
                switch (index.Kind)
                {
                    case TensorIndex.IndexKind.Single:
                        view = Next(view, view.select(dim, index.First!.Value));
                        break;
                    case TensorIndex.IndexKind.NewAxis:
                        view = Next(view, view.unsqueeze(dim++));
                        gathered.Add(null);
                        break;
                    case TensorIndex.IndexKind.Ellipsis:
                        var skipped = (int)view.Dimensions - dim - Consumed(indices, index);
                        gathered.AddRange(Enumerable.Repeat<Tensor?>(null, skipped));
                        dim += skipped;
                        break;
                    case TensorIndex.IndexKind.Slice:
                        view = Next(view, Sliced(view, dim++, index));
                        gathered.Add(null);
                        break;
                    case TensorIndex.IndexKind.Bool:
                        view = Next(view, view.unsqueeze(dim++));
                        gathered.Add(tensor(new[] { index.First == 1 }, device: device));
                        break;
                    default:
                        dim += index.Indices!.dtype == ScalarType.Bool ? (int)index.Indices.Dimensions : 1;
                        gathered.Add(index.Indices);
                        break;
                }
            }

            return (view, gathered.TrueForAll(one => one is null) ? [] : [.. gathered]);
        }

        private static Tensor Sliced(Tensor view, int dim, TensorIndex slice)
            => slice is { First: null, Stop: null, Step: null }
                ? view.alias()
                : Ops.slice_Tensor.Call(view, dim, slice.First, slice.Stop, slice.Step ?? 1);

        private static Tensor Next(Tensor earlier, Tensor view)
        {
            earlier.Dispose();
            return view;
        }

        /// <summary>How many dimensions the positions after the ellipsis take.</summary>
        private static int Consumed(TensorIndex[] indices, TensorIndex ellipsis)
            => indices.SkipWhile(index => index.Kind != ellipsis.Kind).Skip(1).Sum(index => index.Kind switch
            {
                TensorIndex.IndexKind.NewAxis or TensorIndex.IndexKind.Bool => 0,
                TensorIndex.IndexKind.Tensor when index.Indices!.dtype == ScalarType.Bool => (int)index.Indices.Dimensions,
                _ => 1,
            });
    }
}
