using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public enum Reduction : long
        {
            None = 0,
            Mean = 1,
            Sum = 2,
        }

        public static partial class functional
        {
            public static Tensor linear(Tensor input, Tensor weights, Tensor? bias = null) => Ops.linear.Call(input, weights, bias);

            public static Tensor one_hot(Tensor x, long num_classes = -1) => Ops.one_hot.Call(x, num_classes);

            public static Tensor relu(Tensor x, bool inplace = false) => inplace ? x.relu_() : x.relu();

            public static Tensor silu(Tensor x, bool inplace = false) => inplace ? x.silu_() : x.silu();

            public static Tensor gelu(Tensor x) => x.gelu();

            public static Tensor sigmoid(Tensor x) => x.sigmoid();

            public static Tensor sigmoid(Tensor x, bool inplace) => inplace ? x.sigmoid_() : x.sigmoid();

            public static Tensor tanh(Tensor x, bool inplace = false) => inplace ? x.tanh_() : x.tanh();

            public static Tensor logsigmoid(Tensor x) => x.log_sigmoid();

            public static Tensor softplus(Tensor x, double beta = 1, double threshold = 20) => x.softplus(beta, threshold);

            public static Tensor softmax(Tensor input, long dim, ScalarType? dtype = null) => input.softmax(dim, dtype);

            public static Tensor log_softmax(Tensor x, long dim) => x.log_softmax(dim);

            public static Tensor dropout(Tensor input, double p = 0.5, bool training = true, bool inplace = false)
                => Ops.dropout.Call(input, p, training);

            public static Tensor layer_norm(
                Tensor input, long[] normalized_shape, Tensor? weight = null, Tensor? bias = null, double eps = 1E-05)
                => Ops.layer_norm.Call(input, normalized_shape, weight, bias, eps);

            public static Tensor cross_entropy(
                Tensor input, Tensor target, Tensor? weight = null, long ignore_index = -100,
                Reduction reduction = Reduction.Mean, double label_smoothing = 0)
                => Ops.cross_entropy_loss.Call(input, target, weight, (long)reduction, ignore_index, label_smoothing);

            public static Tensor nll_loss(Tensor input, Tensor target, Tensor? weight = null, Reduction reduction = Reduction.Mean)
                => Ops.nll_loss.Call(input, target, weight, (long)reduction);

            public static Tensor mse_loss(Tensor input, Tensor target, Reduction reduction = Reduction.Mean)
                => Ops.mse_loss.Call(input, target, (long)reduction);

            public static Tensor huber_loss(Tensor input, Tensor target, double delta = 1, Reduction reduction = Reduction.Mean)
                => Ops.huber_loss.Call(input, target, (long)reduction, delta);

            public static Tensor smooth_l1_loss(Tensor input, Tensor target, Reduction reduction = Reduction.Mean, double beta = 1)
                => Ops.smooth_l1_loss.Call(input, target, (long)reduction, beta);

            public static Tensor binary_cross_entropy_with_logits(
                Tensor input, Tensor target, Tensor? weight = null, Reduction reduction = Reduction.Mean, Tensor? pos_weights = null)
                => Ops.binary_cross_entropy_with_logits.Call(input, target, weight, pos_weights, (long)reduction);

            public static Tensor kl_div(Tensor input, Tensor target, bool log_target = true, Reduction reduction = Reduction.Mean)
                => Ops.kl_div.Call(input, target, (long)reduction, log_target);

            public static Tensor cosine_similarity(Tensor x1, Tensor x2, long dim = 1, double eps = 1E-08)
                => Ops.cosine_similarity.Call(x1, x2, dim, eps);

            public static Tensor normalize(Tensor input, double p = 2, long dim = 1, double eps = 1E-12)
            {
                using var scope = NewDisposeScope();
                var length = input.norm((int)dim, keepdim: true, (float)p).clamp_min(eps);
                return (input / length).MoveToOuterDisposeScope();
            }

            /// <summary>Softmax(q kᵀ / sqrt(d) + mask) v. A boolean mask says which positions take part.</summary>
            public static Tensor scaled_dot_product_attention(
                Tensor query, Tensor key, Tensor value, Tensor? attn_mask = null, double p = 0, bool is_casual = false)
                => Attention.HasOperator
                    ? Ops.scaled_dot_product_attention.Call(query, key, value, attn_mask, p, is_casual)
                    : Attention.Composed(query, key, value, attn_mask, p, is_casual);
        }
    }
}
