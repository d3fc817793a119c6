package dev.quintet.core.tensor;

import dev.quintet.core.backend.ReductionKernels.Reduction;
import dev.quintet.core.op.Reductions;
import dev.quintet.core.op.Selections;
import dev.quintet.core.op.Softmaxes;
import dev.quintet.core.tensor.Tensor.TopK;

/// What a [Tensor] computes along its axes: sums, extremes and what is made of them.
///
/// Operands are float32. Sums, products and extremes are there for int32 as well, whose sums wrap around as Java's do,
/// and of bytes and booleans, whose sum is how many hold; no gradient passes there. Negative axes count from the end;
/// an axis that is reduced is kept with size 1 or dropped.
public sealed interface Reducing permits Tensor {

  /// The sum of all elements: a scalar.
  default Tensor sum() {
    return Reductions.all(Reduction.SUM, self());
  }

  /// The sum along an axis, which is kept with size 1 or dropped.
  default Tensor sum(int axis, boolean keep) {
    return Reductions.reduce(Reduction.SUM, self(), axis, keep);
  }

  /// The mean of all elements: a scalar.
  default Tensor mean() {
    return Reductions.mean(self());
  }

  /// The mean along an axis.
  default Tensor mean(int axis, boolean keep) {
    return Reductions.mean(self(), axis, keep);
  }

  /// The variance of all elements about their mean, of a sample: the sum of squares over one less than their number.
  default Tensor var() {
    return self().reshape(self().elements()).var(0, false);
  }

  /// The variance along an axis, as [#var()].
  default Tensor var(int axis, boolean keep) {
    return Reductions.var(self(), axis, keep);
  }

  /// The standard deviation of all elements: the square root of [#var()].
  default Tensor std() {
    return var().sqrt();
  }

  /// The standard deviation along an axis.
  default Tensor std(int axis, boolean keep) {
    return var(axis, keep).sqrt();
  }

  /// The product of all elements: a scalar.
  default Tensor prod() {
    return self().reshape(self().elements()).prod(0, false);
  }

  /// The product along an axis; 1 of an empty one.
  default Tensor prod(int axis, boolean keep) {
    return Reductions.prod(self(), axis, keep);
  }

  /// The largest of all elements: a scalar.
  default Tensor max() {
    return Reductions.all(Reduction.MAX, self());
  }

  /// The smallest of all elements: a scalar.
  default Tensor min() {
    return Reductions.all(Reduction.MIN, self());
  }

  /// The largest along an axis; equals share the gradient.
  default Tensor max(int axis, boolean keep) {
    return Reductions.reduce(Reduction.MAX, self(), axis, keep);
  }

  /// The smallest along an axis; equals share the gradient.
  default Tensor min(int axis, boolean keep) {
    return Reductions.reduce(Reduction.MIN, self(), axis, keep);
  }

  /// Where the last axis is largest, int32; the first of equals.
  default Tensor argMax() {
    return Selections.argMax(self());
  }

  /// The k largest of the last axis, in descending order, with their places.
  default TopK topK(int k) {
    return Selections.topK(self(), k);
  }

  /// The running sum along an axis.
  default Tensor cumulativeSum(int axis) {
    return Reductions.cumulativeSum(self(), axis);
  }

  /// Softmax along the last axis.
  default Tensor softmax() {
    return Softmaxes.softmax(self());
  }

  /// The logarithm of the softmax along the last axis.
  default Tensor logSoftmax() {
    return Softmaxes.logSoftmax(self());
  }

  private Tensor self() {
    return (Tensor) this;
  }
}
