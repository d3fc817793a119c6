package dev.quintet.trainer.data;

import dev.quintet.core.random.Permutation;
import dev.quintet.core.random.Site;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/// Which examples each step takes: a function of the seed and the step alone, so that the position in the data
/// is the step and a resumed run needs nothing else.
///
/// Each epoch is shuffled, cut into pools of some batches, and each pool is sorted by length, so that a
/// batch holds rows of like length and little padding; then the pool's batches are shuffled. A step's batch is formed
/// whole and only then cut for gradient accumulation. The last batch of an epoch may be smaller; no example
/// is left out.
public final class BatchPlan {
  static final long EPOCH = Site.of("data.epoch");
  private static final long POOL = Site.of("data.pool");

  private final Examples examples;
  private final int rowsPerStep;
  private final int poolBatches;
  private final long seed;
  private long cachedEpoch = -1;
  private int[][] cached = new int[0][];

  /// A plan.
  ///
  /// @param examples what there is
  /// @param rowsPerStep rows of a whole accumulated batch
  /// @param poolBatches batches that are sorted by length together; 1 leaves out the bucketing
  /// @param seed of the order
  /// @throws IllegalArgumentException if there are no examples or a number is not positive
  public BatchPlan(Examples examples, int rowsPerStep, int poolBatches, long seed) {
    if (examples.size() == 0) {
      throw new IllegalArgumentException("there are no examples to train on");
    }
    if (rowsPerStep < 1 || poolBatches < 1) {
      throw new IllegalArgumentException(
          "a step takes at least one row and a pool at least one batch: "
              + rowsPerStep
              + ", "
              + poolBatches);
    }
    this.examples = examples;
    this.rowsPerStep = rowsPerStep;
    this.poolBatches = poolBatches;
    this.seed = seed;
  }

  /// Steps that an epoch takes.
  public long stepsPerEpoch() {
    return (examples.size() + (long) rowsPerStep - 1) / rowsPerStep;
  }

  /// The epoch that a step, counted from 0, is in.
  public long epoch(long step) {
    return step / stepsPerEpoch();
  }

  /// The numbers of a step's examples, counted from 0, longest first.
  public int[] indices(long step) {
    return batches(epoch(step))[(int) (step % stepsPerEpoch())].clone();
  }

  /// The examples of a step, counted from 0, longest first.
  public List<Example> rows(long step) {
    long epoch = epoch(step);
    int[] indices = indices(step);
    var rows = new ArrayList<Example>(indices.length);
    for (int index : indices) {
      rows.add(examples.example(index, epoch));
    }
    return rows;
  }

  /// The size of a step's batch if it is padded as one.
  public Size size(long step) {
    int source = 1;
    int target = 1;
    List<Example> rows = rows(step);
    for (Example row : rows) {
      source = Math.max(source, row.source().length);
      target = Math.max(target, row.target().length);
    }
    return new Size(rows.size(), source, target);
  }

  /// The size of a padded batch.
  ///
  /// @param rows B
  /// @param sourceLength S
  /// @param targetLength T
  public record Size(int rows, int sourceLength, int targetLength) {}

  /// The batches of a step: its rows cut into `parts` of nearly equal size, each padded to itself.
  /// There are fewer parts when there are fewer rows.
  public List<Batch> batches(long step, int parts, int pad) {
    List<Example> rows = rows(step);
    int count = Math.min(parts, rows.size());
    var batches = new ArrayList<Batch>(count);
    for (int i = 0; i < count; i++) {
      int from = (int) ((long) rows.size() * i / count);
      int to = (int) ((long) rows.size() * (i + 1) / count);
      batches.add(Batch.of(rows.subList(from, to), from, pad));
    }
    return batches;
  }

  private int[][] batches(long epoch) {
    if (epoch != cachedEpoch) {
      cached = plan(epoch);
      cachedEpoch = epoch;
    }
    return cached;
  }

  private int[][] plan(long epoch) {
    int[] order = examples.order(seed, epoch);
    var plan = new ArrayList<int[]>();
    int poolRows = (int) Math.min(Integer.MAX_VALUE, (long) rowsPerStep * poolBatches);
    for (int from = 0, pool = 0; from < order.length; from += poolRows, pool++) {
      int to = (int) Math.min(order.length, (long) from + poolRows);
      int[] sorted = sorted(Arrays.copyOfRange(order, from, to), epoch);
      int batches = (sorted.length + rowsPerStep - 1) / rowsPerStep;
      for (int b : Permutation.of(seed, POOL + epoch * 1_000_003 + pool, batches)) {
        int start = b * rowsPerStep;
        plan.add(Arrays.copyOfRange(sorted, start, Math.min(sorted.length, start + rowsPerStep)));
      }
    }
    return plan.toArray(int[][]::new);
  }

  private int[] sorted(int[] pool, long epoch) {
    return IntStream.of(pool)
        .boxed()
        .sorted(
            Comparator.comparingInt(
                i -> -examples.length(i, epoch))) // stable: equals keep their order
        .mapToInt(Integer::intValue)
        .toArray();
  }
}
