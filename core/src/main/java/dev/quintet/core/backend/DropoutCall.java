package dev.quintet.core.backend;

/// Sizes and types of a dropout.
///
/// @param mask which elements are dropped
/// @param rows rows of the batch, numbered from the mask's first row; or tokens, where the mask has places for them
/// @param width elements of a row (position times feature), or of a token
/// @param types of what is dropped from (`in`), and of the result and what else is in it (`out`)
public record DropoutCall(DropoutMask mask, int rows, long width, Types types) {
  /// Elements of all rows.
  public long elements() {
    return rows * width;
  }

  /// The same elements with nothing dropped: a copy.
  public DropoutCall whole(Types of) {
    return new DropoutCall(DropoutMask.NONE, rows, width, of);
  }

  /// The way back: of the result's gradient, to that of what was dropped from.
  public DropoutCall back() {
    return of(new Types(types.out(), types.weight(), types.in()));
  }

  /// This call of other types.
  public DropoutCall of(Types others) {
    return new DropoutCall(mask, rows, width, others);
  }

  /// This call as kernels take it that run at once and in float32: with the numbers that the mask's state holds now.
  public DropoutCall resolved(Memory memory) {
    return new DropoutCall(mask.resolved(memory), rows, width, Types.F32);
  }
}
