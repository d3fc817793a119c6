package dev.quintet.core.backend;

import dev.quintet.core.backend.ElementwiseKernels.Binary;
import java.util.List;

/// Tokens chosen from logits where these are: what is read back is an id a row, not the logits.
///
/// By default tokens are not chosen here, and whoever wants them reads the logits; the best continuations of beams are
/// found by plainer kernels.
public interface SelectionKernels {
  /// The backend of the kernels that the default methods are composed of.
  Backend backend();

  /// Whether [#select] can choose by a rule.
  ///
  /// @param width V
  default boolean selects(Selection rule, int width) {
    return false;
  }

  /// Chooses the next token of each row.
  ///
  /// @param rule by which [#selects] can choose
  /// @param width V
  /// @param logits address of float32 `[rows, V]`, which stay as they are
  /// @param state of the rows' random numbers, of which a rule that draws takes one each; not read by others
  /// @param tokens address of int32 `[rows]`; -1 where none can be drawn: all are forbidden, or a logit is NaN or infinite
  default void select(
      Selection rule, int rows, int width, long logits, DrawState state, long tokens) {
    throw new UnsupportedOperationException("select: this device does not choose tokens");
  }

  /// The best continuations of each input's beams: the largest of log-softmax(logits) + the beam's sum, in descending order;
  /// of equals the first beam and then the first id comes first, and NaN counts as the largest.
  ///
  /// @param call sizes and forbidden ids
  /// @param logits address of float32 `[inputs, beams, V]`; it may be overwritten
  /// @param sums address of float32 `[inputs, beams]`
  /// @param scores address of float32 `[inputs, count]`
  /// @param places address of int32 `[inputs, count]`: beam * V + id
  default void beams(BeamCall call, long logits, long sums, long scores, long places) {
    int rows = call.inputs() * call.beams();
    int width = call.width();
    backend().softmax().logSoftmax(rows, width, logits, logits);
    forbid(call.forbidden(), rows, width, logits);
    backend().elementwise().binary(Binary.ADD, Borrowed.perRow(rows, width), logits, sums, logits);
    backend()
        .reduction()
        .topK(
            call.inputs(),
            Math.multiplyExact(call.beams(), width),
            call.count(),
            logits,
            scores,
            places);
  }

  /// Puts negative infinity at some ids of each row.
  ///
  /// @param logits address of float32 `[rows, width]`
  default void forbid(List<Integer> ids, int rows, int width, long logits) {
    for (int id : ids) {
      for (int row = 0; row < rows; row++) {
        long at = logits + 4 * ((long) row * width + id);
        backend().layout().fill(Float.NEGATIVE_INFINITY, at, 1);
      }
    }
  }
}
