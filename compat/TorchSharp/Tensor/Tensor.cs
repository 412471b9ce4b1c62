using System.Globalization;
using System.Text;
using TorchSharp.Interop;
using TorchSharp.Utils;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>An n-dimensional array of libtorch: a handle, and the dispose scope that owns it.</summary>
    public partial class Tensor : IDisposable
    {
        internal IntPtr handle;

        private static long totalCount;
        private static long peakCount;

        internal Tensor(IntPtr handle)
        {
            this.handle = handle;
            var count = Interlocked.Increment(ref totalCount);
            if (count > peakCount)
            {
                peakCount = count;
            }

            OwningDisposeScope = DisposeScopeManager.ThreadSingleton.RegisterOnCurrentDisposeScope(this);
        }

        ~Tensor() => Dispose(false);

        /// <summary>Tensors that exist on the managed side now, in the whole process.</summary>
        public static long TotalCount => Interlocked.Read(ref totalCount);

        public static long PeakCount => Interlocked.Read(ref peakCount);

        public string? name { get; set; }

        public bool IsInvalid => handle == 0;

        public IntPtr Handle => handle != 0 ? handle : throw new InvalidOperationException("Tensor invalid -- empty handle.");

        public long Dimensions => Native.forge_tensor_ndim(Handle);

        public long ndim => Dimensions;

        public long NumberOfElements => Native.forge_tensor_numel(Handle);

        public long ElementSize => Native.forge_tensor_element_size(Handle);

        public ScalarType dtype => (ScalarType)Native.forge_tensor_dtype(Handle);

        public Device device => Device.Unpack(Native.forge_tensor_device(Handle));

        public DeviceType device_type => (DeviceType)(Native.forge_tensor_device(Handle) >> 32);

        public int device_index => (int)(Native.forge_tensor_device(Handle) & 0xffffffff);

        public bool is_cuda => device_type == DeviceType.CUDA;

        public bool is_meta => device_type == DeviceType.META;

        public bool is_sparse => Native.forge_tensor_is_sparse(Handle) != 0;

        public bool is_leaf => Native.forge_tensor_is_leaf(Handle) != 0;

        public bool requires_grad
        {
            get => Native.forge_tensor_requires_grad(Handle) != 0;
            set => Native.Check(Native.forge_tensor_set_requires_grad(Handle, value ? 1 : 0));
        }

        /// <summary>The accumulated gradient: a new handle on it, or null while there is none.</summary>
        public Tensor? grad
        {
            get
            {
                Native.Check(Native.forge_tensor_grad(Handle, out var result));
                return result == 0 ? null : new Tensor(result);
            }

            set => Native.Check(Native.forge_tensor_set_grad(Handle, value?.Handle ?? 0));
        }

        public unsafe long[] shape
        {
            get
            {
                var sizes = new long[Native.forge_tensor_ndim(Handle)];
                fixed (long* pointer = sizes)
                {
                    Native.forge_tensor_sizes(handle, pointer);
                }

                return sizes;
            }
        }

        /// <summary>The values as raw bytes, dense and row-major; writing needs a contiguous tensor on the CPU.</summary>
        public unsafe Span<byte> bytes
        {
            get
            {
                RequireHostMemory();
                return new Span<byte>((void*)DataPointer(), checked((int)(NumberOfElements * ElementSize)));
            }

            set
            {
                if (value.Length != NumberOfElements * ElementSize)
                {
                    throw new ArgumentException($"Mismatched data sizes: the tensor has {NumberOfElements * ElementSize} bytes, {value.Length} were given.");
                }

                if (device_type == DeviceType.CPU)
                {
                    RequireHostMemory();
                    value.CopyTo(new Span<byte>((void*)DataPointer(), value.Length));
                    return;
                }

                using var scope = NewDisposeScope();
                using var quiet = no_grad();
                var staged = empty(shape, dtype);
                value.CopyTo(staged.bytes);
                copy_(staged);
            }
        }

        internal DisposeScope? OwningDisposeScope { get; set; }

        /// <summary>Wraps a native tensor, whose handle the new object owns.</summary>
        public static Tensor UnsafeCreateTensor(IntPtr handle) => new(handle);

        public long dim() => Dimensions;

        public long numel() => NumberOfElements;

        public long element_size() => ElementSize;

        public bool is_floating_point() => torch.is_floating_point(dtype);

        public bool is_integral() => torch.is_integral(dtype);

        public bool is_complex() => torch.is_complex(dtype);

        public bool is_cpu() => device_type == DeviceType.CPU;

        public bool is_contiguous() => Native.Check(Native.forge_tensor_is_contiguous(Handle)) != 0;

        public long[] size() => shape;

        public long size(int dim)
        {
            var sizes = shape;
            return sizes[dim < 0 ? dim + sizes.Length : dim];
        }

        public unsafe long[] stride()
        {
            var strides = new long[Dimensions];
            fixed (long* pointer = strides)
            {
                Native.Check(Native.forge_tensor_strides(Handle, pointer));
            }

            return strides;
        }

        public long stride(int dim)
        {
            var strides = stride();
            return strides[dim < 0 ? dim + strides.Length : dim];
        }

        public long storage_offset()
        {
            Native.Check(Native.forge_tensor_storage_offset(Handle, out var offset));
            return offset;
        }

        public Tensor requires_grad_(bool requires_grad = true)
        {
            this.requires_grad = requires_grad;
            return this;
        }

        public Tensor with_requires_grad(bool requires_grad = true) => requires_grad_(requires_grad);

        public void retain_grad() => Native.Check(Native.forge_tensor_retain_grad(Handle));

        public void backward() => autograd.backward(this);

        public void backward(
            IList<Tensor>? grad_tensors = null, bool retain_graph = false, bool create_graph = false, IList<Tensor>? inputs = null)
            => autograd.backward(this, grad_tensors, retain_graph || create_graph, create_graph, inputs);

        /// <summary>Another object on the same native tensor.</summary>
        public Tensor alias()
        {
            Native.Check(Native.forge_tensor_share(Handle, out var result));
            return new Tensor(result);
        }

        public TensorAccessor<T> data<T>()
            where T : unmanaged
        {
            if (device_type != DeviceType.CPU)
            {
                throw new InvalidOperationException(
                    "Reading data from non-CPU memory is not supported. Move or copy the tensor to the cpu before reading.");
            }

            ValidateType(typeof(T));
            return new TensorAccessor<T>(this);
        }

        public T item<T>()
            where T : unmanaged
        {
            if (NumberOfElements != 1)
            {
                throw new ArgumentException($"item() needs a tensor of one element; this one has the shape [{string.Join(", ", shape)}].");
            }

            ValidateType(typeof(T));
            using var host = detach().cpu();
            return host.data<T>()[0];
        }

        public unsafe Scalar ToScalar()
        {
            NativeValue value;
            Native.Check(Native.forge_tensor_item(Handle, &value));
            return Scalar.From(value);
        }

        public Tensor MoveToOuterDisposeScope()
        {
            OwningDisposeScope?.MoveToOuter(this);
            return this;
        }

        public Tensor MoveToOtherDisposeScope(Tensor other) => MoveToOtherDisposeScope(other.OwningDisposeScope);

        public Tensor MoveToOtherDisposeScope(DisposeScope? other)
        {
            if (OwningDisposeScope is { } owner)
            {
                owner.MoveToOther(other, this);
            }
            else
            {
                other?.Attach(this);
            }

            return this;
        }

        public Tensor DetachFromDisposeScope()
        {
            OwningDisposeScope?.Detach(this);
            return this;
        }

        public Tensor DetatchFromDisposeScope() => DetachFromDisposeScope();

        /// <summary>Gives the handle away; this object becomes invalid.</summary>
        public IntPtr DecoupleFromNativeHandle()
        {
            GC.SuppressFinalize(this);
            var given = Handle;
            OwningDisposeScope?.MarkAsDisposed(this);
            Interlocked.Decrement(ref totalCount);
            handle = 0;
            return given;
        }

        public void Dispose()
        {
            OwningDisposeScope?.MarkAsDisposed(this);
            Dispose(true);
            GC.SuppressFinalize(this);
        }

        public override bool Equals(object? obj) => obj is Tensor other && Equals(other);

        /// <summary>True when both have the same shape and the same values.</summary>
        public bool Equals(Tensor target) => target is not null && Ops.equal.CallNumber(this, target) != 0;

        public override int GetHashCode() => base.GetHashCode();

        public override string ToString() => ToString(TensorStringStyle.Metadata);

        public string ToString(
            TensorStringStyle style, string? fltFormat = null, int? width = null, CultureInfo? cultureInfo = null, string? newLine = null)
        {
            if (IsInvalid)
            {
                return "[disposed]";
            }

            var text = new StringBuilder($"[{string.Join("x", shape)}], type = {dtype}, device = {device}");
            if (style == TensorStringStyle.Metadata)
            {
                return text.ToString();
            }

            using var scope = NewDisposeScope();
            using var quiet = no_grad();
            var values = detach().cpu().to(ScalarType.Float64).contiguous().data<double>().ToArray();
            var culture = cultureInfo ?? CultureInfo.InvariantCulture;
            return text.Append(", value = [")
                .AppendJoin(", ", values.Select(value => value.ToString(fltFormat ?? "g5", culture))).Append(']').ToString();
        }

        internal IntPtr DataPointer()
        {
            Native.Check(Native.forge_tensor_data(Handle, out var pointer));
            return pointer;
        }

        internal void ValidateType(Type type)
        {
            var matches = dtype switch
            {
                ScalarType.Byte => type == typeof(byte),
                ScalarType.Int8 => type == typeof(sbyte),
                ScalarType.Int16 => type == typeof(short),
                ScalarType.Int32 => type == typeof(int),
                ScalarType.Int64 => type == typeof(long),
                ScalarType.Float16 => type == typeof(Half),
                ScalarType.BFloat16 => type == typeof(BFloat16),
                ScalarType.Float32 => type == typeof(float),
                ScalarType.Float64 => type == typeof(double),
                ScalarType.Bool => type == typeof(bool),
                _ => true,
            };
            if (!matches)
            {
                throw new ArgumentException($"{type.Name} is not compatible with {dtype}");
            }
        }

        protected virtual void Dispose(bool disposing)
        {
            var owned = Interlocked.Exchange(ref handle, 0);
            if (owned != 0)
            {
                Interlocked.Decrement(ref totalCount);
                Native.forge_tensor_free(owned);
            }
        }

        private void RequireHostMemory()
        {
            if (!is_contiguous())
            {
                throw new NotImplementedException("bytes needs a contiguous tensor; call contiguous() first.");
            }

            if (device_type != DeviceType.CPU)
            {
                throw new InvalidOperationException(
                    "Reading data from non-CPU memory is not supported. Move or copy the tensor to the cpu before reading.");
            }
        }
    }
}
