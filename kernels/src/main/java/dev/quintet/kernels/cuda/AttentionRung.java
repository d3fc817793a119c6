package dev.quintet.kernels.cuda;

import dev.quintet.core.backend.AttentionCall;
import dev.quintet.core.backend.AttentionKernels.Inputs;
import dev.quintet.core.backend.AttentionKernels.Results;
import dev.quintet.core.backend.Gradient;

/// The launches of one rung of attention's ladder. All rungs leave each other the same between forward and backward.
interface AttentionRung {

  /// Outputs, and the log-sum-exp of each row.
  void forward(AttentionCall call, Inputs in, Results to);

  /// The sums of dO O of each row.
  ///
  /// @param out address of what the forward computed
  void delta(AttentionCall call, long tokens, long out, Saved saved);

  /// Gradients of queries and, of a bias by distance, the sums over each distance.
  void queries(AttentionCall call, Inputs in, Saved saved, Gradient q, Strips strips);

  /// Gradients of keys and values.
  void keys(AttentionCall call, Inputs in, Saved saved, Gradient k, Gradient v);

  /// Strips of a head that [#queries] stores.
  long strips(AttentionCall call);

  /// What the backward reads beside its inputs: the gradient of the outputs, and a sum for each row.
  ///
  /// @param dOut address of the outputs' gradient
  /// @param logSumExp address of what the forward computed
  /// @param delta address of the sums of dO O, float32 [H, tokens]
  record Saved(long dOut, long logSumExp, long delta) {}

  /// Where the sums over each distance go, of every block of queries.
  ///
  /// @param address float32 [H, blocks, 2 reach + 1]; 0 where none are wanted
  /// @param reach the largest distance that is told apart
  record Strips(long address, int reach) {
    static final Strips NONE = new Strips(0, 0);
  }
}
