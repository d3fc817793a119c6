package dev.quintet.app.estimate;

import dev.quintet.core.instrument.Cost;
import dev.quintet.core.instrument.Dry;
import dev.quintet.core.instrument.Work;
import dev.quintet.core.shape.DType;
import dev.quintet.models.t5.T5Config;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;

/// What a planned step of a decoder asks of a CUDA device for a token of up to 16 rows, in bfloat16: the launches of the
/// backend's `decode.cu`, each weight once for all rows.
final class PlannedToken {
  /// The most rows of a planned step.
  static final int MOST_ROWS = 16;

  /// The most of which a layer's own attention is one launch; of more, attention and O are one.
  private static final int FEW = 4;

  private final List<Cost> costs = new ArrayList<>();
  private final long rows;
  private final long width;
  private final long attention;

  private PlannedToken(T5Config config, int rows) {
    this.rows = rows;
    width = config.modelWidth();
    attention = (long) config.heads() * config.headWidth();
  }

  /// Counts a token.
  ///
  /// @param rows B
  /// @param source S
  /// @param tokens that a row attends to
  static Dry.Counts of(T5Config config, int rows, int source, int tokens) {
    var token = new PlannedToken(config, rows);
    token.add(Work.EMBEDDING, 0, 6L * rows * config.modelWidth());
    for (int layer = 0; layer < config.decoderLayers(); layer++) {
      token.layer(config, source, tokens);
    }
    token.product((long) config.vocabSize() * config.modelWidth(), 4L * rows * config.vocabSize());
    token.add(Work.ELEMENTWISE, 0, 8L * rows);
    List<Cost> costs = List.copyOf(token.costs);
    return new Dry.Counts(
        costs.stream().mapToLong(Cost::commands).sum(),
        0,
        0,
        costs.stream().mapToLong(Cost::bytes).sum(),
        0,
        List.of(),
        new TreeMap<>(),
        costs,
        new TreeSet<>());
  }

  private void layer(T5Config config, int source, int tokens) {
    long matrix = attention * width;
    long own = keysAndValues(tokens);
    long inner = config.innerWidth();
    if (rows <= FEW) {
      product(4 * matrix, own + 4 * config.heads() * rows * width);
    } else {
      product(3 * matrix, 0);
      add(Work.CAUSAL_ATTENTION, 4 * rows * tokens * attention, own);
      together(matrix);
    }
    add(
        Work.CROSS_ATTENTION,
        2 * rows * matrix + 4 * rows * source * attention,
        DType.BF16.bytes(matrix) + keysAndValues(source));
    if (rows <= FEW) {
      product(matrix, 0);
    } else {
      together(matrix);
    }
    product((config.feedForward().gated() ? 2 : 1) * inner * width, 4 * rows * inner);
    product(inner * width, 4 * rows * inner);
  }

  private long keysAndValues(long tokens) {
    return 2 * DType.BF16.bytes(rows * tokens * attention);
  }

  /// A product of a matrix, with what else it reads and writes.
  private void product(long elements, long more) {
    add(Work.PRODUCT, 2 * rows * elements, DType.BF16.bytes(elements) + more);
  }

  /// A product in the launch of the attention before it.
  private void together(long elements) {
    costs.add(new Cost(Work.PRODUCT, 0, 2 * rows * elements, DType.BF16.bytes(elements)));
  }

  private void add(Work work, long flops, long bytes) {
    costs.add(new Cost(work, 1, flops, bytes));
  }
}
