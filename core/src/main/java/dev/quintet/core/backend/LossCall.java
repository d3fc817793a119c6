package dev.quintet.core.backend;

/// Sizes, types and rules of a cross entropy.
///
/// The loss of a row is (1 - smoothing) nll + smoothing mean(-log p) + zLoss log²Z, with log Z the logarithm of the sum of
/// exponentials of its logits (Chowdhery et al., arXiv 2204.02311, section 5), and 0 where the label is ignored.
///
/// @param rows rows
/// @param width V, the vocabulary
/// @param ignore the label that does not count, -100 by custom
/// @param smoothing label smoothing, from 0 to below 1
/// @param zLoss the factor of log²Z, 0 for none
/// @param scale what the sum of the rows' losses is multiplied by; not read where there is a state
/// @param state address of a [RunState] in device memory, whose `lossScale` kernels read instead; or 0
/// @param types of the head's input, of its weight, and of the logits; losses and their sums are float32
public record LossCall(
    long rows,
    int width,
    int ignore,
    float smoothing,
    float zLoss,
    float scale,
    long state,
    Types types) {

  /// This call for another number of rows.
  public LossCall withRows(long count) {
    return new LossCall(count, width, ignore, smoothing, zLoss, scale, state, types);
  }

  /// Logits of all rows.
  public long logits() {
    return rows * width;
  }

  /// What the sum of losses is multiplied by now, for kernels that run at once.
  public float scale(Memory memory) {
    return state == 0 ? scale : new RunState(state).inputs(memory).lossScale();
  }
}
