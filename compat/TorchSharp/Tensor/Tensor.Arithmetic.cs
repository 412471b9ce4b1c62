using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    // Functions of two tensors, or of a tensor and a number, element by element with broadcasting.
    public partial class Tensor
    {
        public Tensor add(Tensor target) => Ops.add_Tensor.Call(this, target);

        public Tensor add(Scalar scalar) => Ops.add_Scalar.Call(this, scalar);

        public Tensor add(Tensor target, Scalar alpha) => Ops.add_Tensor.Call(this, target, alpha);

        public Tensor add(Scalar scalar, Scalar alpha) => Ops.add_Scalar.Call(this, scalar, alpha);

        public Tensor add_(Tensor target) => Ops.add__Tensor.Self(this, target);

        public Tensor add_(Scalar scalar) => Ops.add__Scalar.Self(this, scalar);

        public Tensor add_(Tensor target, Scalar alpha) => Ops.add__Tensor.Self(this, target, alpha);

        public Tensor add_(Scalar scalar, Scalar alpha) => Ops.add__Scalar.Self(this, scalar, alpha);

        public Tensor sub(Tensor target) => Ops.sub_Tensor.Call(this, target);

        public Tensor sub(Scalar target) => Ops.sub_Scalar.Call(this, target);

        public Tensor sub_(Tensor target) => Ops.sub__Tensor.Self(this, target);

        public Tensor sub_(Scalar target) => Ops.sub__Scalar.Self(this, target);

        public Tensor subtract(Tensor target) => sub(target);

        public Tensor subtract(Scalar target) => sub(target);

        public Tensor mul(Tensor target) => Ops.mul_Tensor.Call(this, target);

        public Tensor mul(Scalar target) => Ops.mul_Scalar.Call(this, target);

        public Tensor div(Tensor target, RoundingMode rounding_mode = RoundingMode.None)
            => Ops.div_Tensor_mode.Call(this, target, Name(rounding_mode));

        public Tensor div(Scalar target, RoundingMode rounding_mode = RoundingMode.None)
            => Ops.div_Scalar_mode.Call(this, target, Name(rounding_mode));

        public Tensor pow(Tensor exponent) => Ops.pow_Tensor_Tensor.Call(this, exponent);

        public Tensor pow(Scalar exponent) => Ops.pow_Tensor_Scalar.Call(this, exponent);

        public Tensor remainder(Tensor target) => Ops.remainder_Tensor.Call(this, target);

        public Tensor remainder(Scalar scalar) => Ops.remainder_Scalar.Call(this, scalar);

        public Tensor fmod(Tensor target) => Ops.fmod_Tensor.Call(this, target);

        public Tensor fmod(Scalar scalar) => Ops.fmod_Scalar.Call(this, scalar);

        public Tensor floor_divide(Tensor other) => div(other, RoundingMode.floor);

        public Tensor floor_divide(Scalar other) => div(other, RoundingMode.floor);

        public Tensor addcmul(Tensor tensor1, Tensor tensor2, Scalar value) => Ops.addcmul.Call(this, tensor1, tensor2, value);

        public Tensor addcdiv(Tensor tensor1, Tensor tensor2, Scalar value) => Ops.addcdiv.Call(this, tensor1, tensor2, value);

        public Tensor addcdiv(Tensor tensor1, Tensor tensor2) => Ops.addcdiv.Call(this, tensor1, tensor2);

        public Tensor lerp(Tensor end, Tensor weight) => Ops.lerp_Tensor.Call(this, end, weight);

        public Tensor eq(Tensor target) => Ops.eq_Tensor.Call(this, target);

        public Tensor eq(Scalar target) => Ops.eq_Scalar.Call(this, target);

        public Tensor ne(Tensor target) => Ops.ne_Tensor.Call(this, target);

        public Tensor ne(Scalar target) => Ops.ne_Scalar.Call(this, target);

        public Tensor lt(Tensor target) => Ops.lt_Tensor.Call(this, target);

        public Tensor lt(Scalar target) => Ops.lt_Scalar.Call(this, target);

        public Tensor le(Tensor target) => Ops.le_Tensor.Call(this, target);

        public Tensor le(Scalar target) => Ops.le_Scalar.Call(this, target);

        public Tensor gt(Tensor target) => Ops.gt_Tensor.Call(this, target);

        public Tensor gt(Scalar target) => Ops.gt_Scalar.Call(this, target);

        public Tensor ge(Tensor target) => Ops.ge_Tensor.Call(this, target);

        public Tensor ge(Scalar target) => Ops.ge_Scalar.Call(this, target);

        public Tensor logical_and(Tensor other) => Ops.logical_and.Call(this, other);

        public Tensor logical_or(Tensor other) => Ops.logical_or.Call(this, other);

        public Tensor logical_xor(Tensor other) => Ops.logical_xor.Call(this, other);

        public Tensor bitwise_and(Tensor other) => Ops.bitwise_and_Tensor.Call(this, other);

        public Tensor bitwise_or(Tensor other) => Ops.bitwise_or_Tensor.Call(this, other);

        public Tensor bitwise_xor(Tensor other) => Ops.bitwise_xor_Tensor.Call(this, other);

        public Tensor bitwise_left_shift(Tensor other) => Ops.bitwise_left_shift_Tensor.Call(this, other);

        public Tensor bitwise_right_shift(Tensor other) => Ops.bitwise_right_shift_Tensor.Call(this, other);

        public Tensor masked_fill(Tensor mask, Scalar value) => Ops.masked_fill_Scalar.Call(this, mask, value);

        public Tensor masked_scatter(Tensor mask, Tensor value) => Ops.masked_scatter.Call(this, mask, value);

        public Tensor subtract_(Tensor target) => sub_(target);

        public Tensor subtract_(Scalar target) => sub_(target);

        public Tensor mul_(Tensor target) => Ops.mul__Tensor.Self(this, target);

        public Tensor mul_(Scalar target) => Ops.mul__Scalar.Self(this, target);

        public Tensor div_(Tensor target, RoundingMode rounding_mode = RoundingMode.None)
            => Ops.div__Tensor_mode.Self(this, target, Name(rounding_mode));

        public Tensor div_(Scalar target, RoundingMode rounding_mode = RoundingMode.None)
            => Ops.div__Scalar_mode.Self(this, target, Name(rounding_mode));

        public Tensor pow_(Tensor exponent) => Ops.pow__Tensor.Self(this, exponent);

        public Tensor pow_(Scalar exponent) => Ops.pow__Scalar.Self(this, exponent);

        public Tensor remainder_(Tensor target) => Ops.remainder__Tensor.Self(this, target);

        public Tensor remainder_(Scalar scalar) => Ops.remainder__Scalar.Self(this, scalar);

        public Tensor fmod_(Tensor target) => Ops.fmod__Tensor.Self(this, target);

        public Tensor fmod_(Scalar scalar) => Ops.fmod__Scalar.Self(this, scalar);

        public Tensor floor_divide_(Tensor other) => div_(other, RoundingMode.floor);

        public Tensor floor_divide_(Scalar other) => div_(other, RoundingMode.floor);

        public Tensor addcmul_(Tensor tensor1, Tensor tensor2, Scalar value) => Ops.addcmul_.Self(this, tensor1, tensor2, value);

        public Tensor addcdiv_(Tensor tensor1, Tensor tensor2, Scalar value) => Ops.addcdiv_.Self(this, tensor1, tensor2, value);

        public Tensor addcdiv_(Tensor tensor1, Tensor tensor2) => Ops.addcdiv_.Self(this, tensor1, tensor2);

        public Tensor lerp_(Tensor end, Tensor weight) => Ops.lerp__Tensor.Self(this, end, weight);

        public Tensor eq_(Tensor target) => Ops.eq__Tensor.Self(this, target);

        public Tensor eq_(Scalar target) => Ops.eq__Scalar.Self(this, target);

        public Tensor ne_(Tensor target) => Ops.ne__Tensor.Self(this, target);

        public Tensor ne_(Scalar target) => Ops.ne__Scalar.Self(this, target);

        public Tensor lt_(Tensor target) => Ops.lt__Tensor.Self(this, target);

        public Tensor lt_(Scalar target) => Ops.lt__Scalar.Self(this, target);

        public Tensor le_(Tensor target) => Ops.le__Tensor.Self(this, target);

        public Tensor le_(Scalar target) => Ops.le__Scalar.Self(this, target);

        public Tensor gt_(Tensor target) => Ops.gt__Tensor.Self(this, target);

        public Tensor gt_(Scalar target) => Ops.gt__Scalar.Self(this, target);

        public Tensor ge_(Tensor target) => Ops.ge__Tensor.Self(this, target);

        public Tensor ge_(Scalar target) => Ops.ge__Scalar.Self(this, target);

        public Tensor logical_and_(Tensor other) => Ops.logical_and_.Self(this, other);

        public Tensor logical_or_(Tensor other) => Ops.logical_or_.Self(this, other);

        public Tensor logical_xor_(Tensor other) => Ops.logical_xor_.Self(this, other);

        public Tensor bitwise_and_(Tensor other) => Ops.bitwise_and__Tensor.Self(this, other);

        public Tensor bitwise_or_(Tensor other) => Ops.bitwise_or__Tensor.Self(this, other);

        public Tensor bitwise_xor_(Tensor other) => Ops.bitwise_xor__Tensor.Self(this, other);

        public Tensor bitwise_left_shift_(Tensor other) => Ops.bitwise_left_shift__Tensor.Self(this, other);

        public Tensor bitwise_right_shift_(Tensor other) => Ops.bitwise_right_shift__Tensor.Self(this, other);

        public Tensor masked_fill_(Tensor mask, Scalar value) => Ops.masked_fill__Scalar.Self(this, mask, value);

        public Tensor masked_scatter_(Tensor mask, Tensor value) => Ops.masked_scatter_.Self(this, mask, value);

        public Tensor multiply(Tensor target) => mul(target);

        public Tensor multiply(Scalar target) => mul(target);

        public Tensor divide(Tensor target, RoundingMode rounding_mode = RoundingMode.None) => div(target, rounding_mode);

        public Tensor divide(Scalar target, RoundingMode rounding_mode = RoundingMode.None) => div(target, rounding_mode);

        public Tensor true_divide(Tensor other) => div(other);

        public Tensor true_divide(Scalar other) => div(other);

        public Tensor equal(Tensor target) => eq(target);

        public Tensor not_equal(Tensor target) => ne(target);

        public Tensor less(Tensor target) => lt(target);

        public Tensor less_equal(Tensor target) => le(target);

        public Tensor greater(Tensor target) => gt(target);

        public Tensor greater_equal(Tensor target) => ge(target);

        public Tensor maximum(Tensor other) => Ops.maximum.Call(this, other);

        public Tensor minimum(Tensor other) => Ops.minimum.Call(this, other);

        public Tensor max(Tensor other) => maximum(other);

        public Tensor min(Tensor other) => minimum(other);

        public Tensor fmax(Tensor other) => Ops.fmax.Call(this, other);

        public Tensor fmin(Tensor other) => Ops.fmin.Call(this, other);

        public Tensor atan2(Tensor other) => Ops.atan2.Call(this, other);

        public Tensor logaddexp(Tensor other) => Ops.logaddexp.Call(this, other);

        public Tensor xlogy(Tensor y) => Ops.xlogy_Tensor.Call(this, y);

        public Tensor where(Tensor condition, Tensor y) => Ops.where_self.Call(condition, this, y);

        public Tensor isclose(Tensor other, double rtol = 1E-05, double atol = 1E-08, bool nanEqual = false)
            => Ops.isclose.Call(this, other, rtol, atol, nanEqual);

        public bool allclose(Tensor target, double rtol = 1E-05, double atol = 1E-08, bool equal_nan = false)
            => Ops.allclose.CallNumber(this, target, rtol, atol, equal_nan) != 0;

        public Tensor copy_(Tensor source, bool nonBlocking = false) => Ops.copy_.Self(this, source, nonBlocking);

        public Tensor zero_() => Ops.zero_.Self(this);

        public Tensor fill_(Scalar value) => Ops.fill__Scalar.Self(this, value);

        private static string? Name(RoundingMode mode) => mode == RoundingMode.None ? null : mode.ToString();
    }
}
