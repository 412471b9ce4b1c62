using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    // Functions of each element.
    public partial class Tensor
    {
        public Tensor abs() => Ops.abs.Call(this);

        public Tensor abs_() => Ops.abs_.Self(this);

        public Tensor acos() => Ops.acos.Call(this);

        public Tensor acos_() => Ops.acos_.Self(this);

        public Tensor asin() => Ops.asin.Call(this);

        public Tensor asin_() => Ops.asin_.Self(this);

        public Tensor atan() => Ops.atan.Call(this);

        public Tensor atan_() => Ops.atan_.Self(this);

        public Tensor ceil() => Ops.ceil.Call(this);

        public Tensor ceil_() => Ops.ceil_.Self(this);

        public Tensor cos() => Ops.cos.Call(this);

        public Tensor cos_() => Ops.cos_.Self(this);

        public Tensor cosh() => Ops.cosh.Call(this);

        public Tensor cosh_() => Ops.cosh_.Self(this);

        public Tensor erf() => Ops.erf.Call(this);

        public Tensor erf_() => Ops.erf_.Self(this);

        public Tensor erfc() => Ops.erfc.Call(this);

        public Tensor erfc_() => Ops.erfc_.Self(this);

        public Tensor exp() => Ops.exp.Call(this);

        public Tensor exp_() => Ops.exp_.Self(this);

        public Tensor exp2() => Ops.exp2.Call(this);

        public Tensor exp2_() => Ops.exp2_.Self(this);

        public Tensor expm1() => Ops.expm1.Call(this);

        public Tensor expm1_() => Ops.expm1_.Self(this);

        public Tensor floor() => Ops.floor.Call(this);

        public Tensor floor_() => Ops.floor_.Self(this);

        public Tensor frac() => Ops.frac.Call(this);

        public Tensor frac_() => Ops.frac_.Self(this);

        public Tensor log() => Ops.log.Call(this);

        public Tensor log_() => Ops.log_.Self(this);

        public Tensor log10() => Ops.log10.Call(this);

        public Tensor log10_() => Ops.log10_.Self(this);

        public Tensor log1p() => Ops.log1p.Call(this);

        public Tensor log1p_() => Ops.log1p_.Self(this);

        public Tensor log2() => Ops.log2.Call(this);

        public Tensor log2_() => Ops.log2_.Self(this);

        public Tensor neg() => Ops.neg.Call(this);

        public Tensor neg_() => Ops.neg_.Self(this);

        public Tensor reciprocal() => Ops.reciprocal.Call(this);

        public Tensor reciprocal_() => Ops.reciprocal_.Self(this);

        public Tensor relu() => Ops.relu.Call(this);

        public Tensor relu_() => Ops.relu_.Self(this);

        public Tensor rsqrt() => Ops.rsqrt.Call(this);

        public Tensor rsqrt_() => Ops.rsqrt_.Self(this);

        public Tensor sigmoid() => Ops.sigmoid.Call(this);

        public Tensor sigmoid_() => Ops.sigmoid_.Self(this);

        public Tensor sign() => Ops.sign.Call(this);

        public Tensor sign_() => Ops.sign_.Self(this);

        public Tensor silu() => Ops.silu.Call(this);

        public Tensor silu_() => Ops.silu_.Self(this);

        public Tensor sin() => Ops.sin.Call(this);

        public Tensor sin_() => Ops.sin_.Self(this);

        public Tensor sinh() => Ops.sinh.Call(this);

        public Tensor sinh_() => Ops.sinh_.Self(this);

        public Tensor sqrt() => Ops.sqrt.Call(this);

        public Tensor sqrt_() => Ops.sqrt_.Self(this);

        public Tensor square() => Ops.square.Call(this);

        public Tensor tan() => Ops.tan.Call(this);

        public Tensor tan_() => Ops.tan_.Self(this);

        public Tensor tanh() => Ops.tanh.Call(this);

        public Tensor tanh_() => Ops.tanh_.Self(this);

        public Tensor trunc() => Ops.trunc.Call(this);

        public Tensor trunc_() => Ops.trunc_.Self(this);

        public Tensor logical_not() => Ops.logical_not.Call(this);

        public Tensor logical_not_() => Ops.logical_not_.Self(this);

        public Tensor bitwise_not() => Ops.bitwise_not.Call(this);

        public Tensor bitwise_not_() => Ops.bitwise_not_.Self(this);

        public Tensor digamma() => Ops.digamma.Call(this);

        public Tensor digamma_() => Ops.digamma_.Self(this);

        public Tensor lgamma() => Ops.lgamma.Call(this);

        public Tensor lgamma_() => Ops.lgamma_.Self(this);

        public Tensor isfinite() => Ops.isfinite.Call(this);

        public Tensor isinf() => Ops.isinf.Call(this);

        public Tensor isnan() => Ops.isnan.Call(this);

        public Tensor isneginf() => Ops.isneginf.Call(this);

        public Tensor isposinf() => Ops.isposinf.Call(this);

        public Tensor absolute() => abs();

        public Tensor negative() => neg();

        public Tensor log_sigmoid() => Ops.log_sigmoid.Call(this);

        public Tensor gelu() => Ops.gelu.Call(this);

        public Tensor softplus(double beta = 1, double threshold = 20) => Ops.softplus.Call(this, beta, threshold);

        public Tensor leaky_relu(Scalar negative_slope) => Ops.leaky_relu.Call(this, negative_slope);

        public Tensor round(long decimals = 0) => Ops.round_decimals.Call(this, decimals);

        public Tensor round_(long decimals = 0) => Ops.round__decimals.Self(this, decimals);

        public Tensor logit(double? eps = null) => Ops.logit.Call(this, eps);

        public Tensor nan_to_num(double nan = 0, double? posinf = null, double? neginf = null) => Ops.nan_to_num.Call(this, nan, posinf, neginf);

        public Tensor nan_to_num_(double nan = 0, double? posinf = null, double? neginf = null) => Ops.nan_to_num_.Self(this, nan, posinf, neginf);

        public Tensor clamp(Scalar? min = null, Scalar? max = null) => Ops.clamp.Call(this, min, max);

        public Tensor clamp(Tensor? min = null, Tensor? max = null) => Ops.clamp_Tensor.Call(this, min, max);

        public Tensor clamp_(Scalar? min = null, Scalar? max = null) => Ops.clamp_.Self(this, min, max);

        public Tensor clamp_(Tensor? min = null, Tensor? max = null) => Ops.clamp__Tensor.Self(this, min, max);

        public Tensor clamp_max(Scalar max) => Ops.clamp_max.Call(this, max);

        public Tensor clamp_max_(Scalar max) => Ops.clamp_max_.Self(this, max);

        public Tensor clamp_min(Scalar min) => Ops.clamp_min.Call(this, min);

        public Tensor clamp_min_(Scalar min) => Ops.clamp_min_.Self(this, min);

        public Tensor clip(Scalar? min = null, Scalar? max = null) => clamp(min, max);
    }
}
