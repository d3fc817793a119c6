package dev.quintet.trainer.data;

import java.util.ArrayList;
import java.util.List;

/// Which pairs share a row when several are packed into one: each goes into the first open row that has room for its
/// source and its target.
public final class FirstFit {
  private FirstFit() {}

  /// The pairs of each row, by number, in order.
  ///
  /// @param sources tokens of each pair's source
  /// @param targets tokens of each pair's target
  /// @param mostSource tokens that a row has room for
  /// @param mostTarget tokens that a row's target has room for
  /// @param window how many rows are open at once; the first of them closes when another is needed
  /// @throws IllegalArgumentException if a pair is longer than a row, or the window is not positive
  public static List<int[]> rows(
      int[] sources, int[] targets, int mostSource, int mostTarget, int window) {
    if (window < 1 || sources.length != targets.length) {
      throw new IllegalArgumentException(
          "packing wants a target for each of %,d sources and an open row, got %,d and %,d"
              .formatted(sources.length, targets.length, window));
    }
    var closed = new ArrayList<Row>();
    var open = new ArrayList<Row>();
    for (int i = 0; i < sources.length; i++) {
      if (sources[i] > mostSource || targets[i] > mostTarget) {
        throw new IllegalArgumentException(
            "pair %,d has %,d and %,d tokens, and a row room for %,d and %,d: cut it first"
                .formatted(i, sources[i], targets[i], mostSource, mostTarget));
      }
      int source = sources[i];
      int target = targets[i];
      Row row =
          open.stream()
              .filter(one -> one.source + source <= mostSource && one.target + target <= mostTarget)
              .findFirst()
              .orElseGet(() -> {
                if (open.size() == window) {
                  open.removeFirst();
                }
                var fresh = new Row();
                open.add(fresh);
                closed.add(fresh);
                return fresh;
              });
      row.pairs.add(i);
      row.source += source;
      row.target += target;
    }
    return closed.stream()
        .map(row -> row.pairs.stream().mapToInt(Integer::intValue).toArray())
        .toList();
  }

  private static final class Row {
    private final List<Integer> pairs = new ArrayList<>();
    private int source;
    private int target;
  }
}
