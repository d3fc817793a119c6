package dev.quintet.app.estimate;

import dev.quintet.core.instrument.Dry;
import dev.quintet.core.nn.Pass;
import dev.quintet.core.shape.DType;
import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.Parameter;
import dev.quintet.core.tensor.Scope;
import dev.quintet.core.tensor.Tensor;
import dev.quintet.models.t5.DecoderCache;
import dev.quintet.models.t5.T5;
import dev.quintet.models.t5.T5Config;
import java.util.Arrays;

/// What greedy decoding asks of a device, counted on one that computes nothing; of a few rows as CUDA devices plan their steps.
///
/// @param encoding before the first token: the encoder, and keys and values of all its states
/// @param token a token of every row, in the middle of the target
/// @param planned whether tokens are chosen by planned steps, for which the host waits once in several
public record DecodingWalk(Dry.Counts encoding, Dry.Counts token, boolean planned) {

  /// Walks with bfloat16 weights.
  ///
  /// @param rows B
  /// @param source S
  /// @param target T
  public static DecodingWalk of(T5Config config, int rows, int source, int target) {
    Dry dry = Dry.open();
    try (var model =
            new T5(config, (_, shape) -> Parameter.empty(shape, DType.BF16, dry.device()));
        var _ = Scope.openWithoutGradients(dry.device())) {
      dry.reset();
      Tensor mask = ones(rows, source);
      Tensor memory = model.encode(ones(rows, source), mask, Pass.inference());
      DecoderCache cache = model.cache(memory, mask, target);
      Dry.Counts encoding = dry.counts();
      int before = (target - 1) / 2;
      if (rows <= PlannedToken.MOST_ROWS) {
        return new DecodingWalk(encoding, PlannedToken.of(config, rows, source, before + 1), true);
      }
      if (before > 0) {
        next(model, cache, rows, before);
      }
      dry.reset();
      next(model, cache, rows, 1);
      return new DecodingWalk(encoding, dry.counts(), false);
    }
  }

  private static void next(T5 model, DecoderCache cache, int rows, int tokens) {
    try (var _ = Scope.open()) {
      Tensor logits = model.step(ones(rows, tokens), cache).cast(DType.F32);
      int[] _ = logits.argMax().toInts();
    }
  }

  private static Tensor ones(int rows, int columns) {
    var ids = new int[rows * columns];
    Arrays.fill(ids, 1);
    return Tensor.ofInts(Shape.of(rows, columns), ids);
  }
}
