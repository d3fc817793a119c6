package dev.quintet.core.backend;

/// Where the operands of a norm lie. RMS norm is the norm whose mean and bias are 0, and has neither.
///
/// @param x address of `[rows, D]`
/// @param weight address of `[D]`
/// @param bias address of `[D]`, or 0
/// @param mean address of float32 `[rows]`, written and kept for the backward; or 0
/// @param rstd address of float32 `[rows]`, written and kept for the backward
public record NormRows(long x, long weight, long bias, long mean, long rstd) {
  /// The operands of an RMS norm.
  public NormRows(long x, long weight, long rstd) {
    this(x, weight, 0, 0, rstd);
  }

  /// Checks that a mean comes with a bias.
  ///
  /// @throws IllegalArgumentException if one is there without the other
  public NormRows {
    if (bias == 0 != (mean == 0)) {
      throw new IllegalArgumentException("a norm has both mean and bias, or neither");
    }
  }

  /// Whether the mean is subtracted.
  public boolean centred() {
    return mean != 0;
  }

  /// These operands in float32.
  public NormRows widened(NormCall call, Widened widened) {
    return new NormRows(
        widened.read(call.types().in(), x, call.elements()),
        widened.read(call.types().weight(), weight, call.width()),
        widened.read(call.types().weight(), bias, call.width()),
        mean,
        rstd);
  }
}
