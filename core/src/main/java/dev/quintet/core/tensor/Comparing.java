package dev.quintet.core.tensor;

import dev.quintet.core.backend.ElementwiseKernels.Binary;
import dev.quintet.core.backend.ElementwiseKernels.Comparison;
import dev.quintet.core.op.Elementwise;
import java.util.Objects;

/// What a [Tensor] says of its elements: comparisons, and choices and logic on their truth.
///
/// No gradient passes through a truth.
public sealed interface Comparing permits Tensor {

  /// The truth of a relation with y, with broadcasting; both float32, or both whole numbers or truths.
  default Tensor compare(Comparison relation, Tensor y) {
    Objects.requireNonNull(relation, "relation");
    Objects.requireNonNull(y, "y");
    return Elementwise.compare(relation, self(), y);
  }

  /// Where x = y, with broadcasting.
  default Tensor eq(Tensor y) {
    return compare(Comparison.EQUAL, y);
  }

  /// Where x = y
  default Tensor eq(float y) {
    return Elementwise.compare(Comparison.EQUAL, self(), y);
  }

  /// Where x ≠ y, with broadcasting.
  default Tensor ne(Tensor y) {
    return compare(Comparison.NOT_EQUAL, y);
  }

  /// Where x ≠ y
  default Tensor ne(float y) {
    return Elementwise.compare(Comparison.NOT_EQUAL, self(), y);
  }

  /// Where x < y, with broadcasting.
  default Tensor lt(Tensor y) {
    return compare(Comparison.LESS, y);
  }

  /// Where x < y
  default Tensor lt(float y) {
    return Elementwise.compare(Comparison.LESS, self(), y);
  }

  /// Where x ≤ y, with broadcasting.
  default Tensor le(Tensor y) {
    return compare(Comparison.LESS_OR_EQUAL, y);
  }

  /// Where x ≤ y
  default Tensor le(float y) {
    return Elementwise.compare(Comparison.LESS_OR_EQUAL, self(), y);
  }

  /// Where x > y, with broadcasting.
  default Tensor gt(Tensor y) {
    return compare(Comparison.GREATER, y);
  }

  /// Where x > y
  default Tensor gt(float y) {
    return Elementwise.compare(Comparison.GREATER, self(), y);
  }

  /// Where x ≥ y, with broadcasting.
  default Tensor ge(Tensor y) {
    return compare(Comparison.GREATER_OR_EQUAL, y);
  }

  /// Where x ≥ y
  default Tensor ge(float y) {
    return Elementwise.compare(Comparison.GREATER_OR_EQUAL, self(), y);
  }

  /// Where both hold, of two boolean tensors, with broadcasting.
  default Tensor logicalAnd(Tensor y) {
    Objects.requireNonNull(y, "y");
    return Elementwise.logical("logicalAnd", Binary.MINIMUM, self(), y);
  }

  /// Where one or both hold, of two boolean tensors, with broadcasting.
  default Tensor logicalOr(Tensor y) {
    Objects.requireNonNull(y, "y");
    return Elementwise.logical("logicalOr", Binary.MAXIMUM, self(), y);
  }

  /// Where one holds and the other does not, of two boolean tensors, with broadcasting.
  default Tensor logicalXor(Tensor y) {
    Objects.requireNonNull(y, "y");
    return Elementwise.logical("logicalXor", Binary.SUBTRACT, self(), y);
  }

  /// Where this boolean tensor does not hold.
  default Tensor logicalNot() {
    return Elementwise.not(self());
  }

  /// Whether any element of this boolean tensor holds: a scalar.
  default Tensor any() {
    return logicalNot().all().logicalNot();
  }

  /// Whether any element along an axis holds.
  default Tensor any(int axis, boolean keep) {
    return logicalNot().all(axis, keep).logicalNot();
  }

  /// Whether all elements of this boolean tensor hold: a scalar.
  default Tensor all() {
    return logicalNot().sum().eq(0);
  }

  /// Whether all elements along an axis hold.
  default Tensor all(int axis, boolean keep) {
    return logicalNot().sum(axis, keep).eq(0);
  }

  /// x where this boolean tensor holds, y elsewhere; with broadcasting.
  default Tensor where(Tensor x, Tensor y) {
    Objects.requireNonNull(x, "x");
    Objects.requireNonNull(y, "y");
    return Elementwise.where(self(), x, y);
  }

  private Tensor self() {
    return (Tensor) this;
  }
}
