package dev.quintet.trainer.folds;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// How the rows of each class are shared out among folds, while groups are placed.
final class ClassShares {
  private static final double NOISE = 1e-12;

  private final int[] classOf;
  private final int[][] rows; // [class][fold]
  private final int[] totals;
  private final int[] sizes;

  ClassShares(List<String> labels, List<String> classes, int k) {
    Map<String, Integer> numbers = new HashMap<>();
    classes.forEach(name -> numbers.put(name, numbers.size()));
    classOf = labels.stream().mapToInt(label -> numbers.getOrDefault(label, 0)).toArray();
    rows = new int[classes.size()][k];
    totals = new int[classes.size()];
    sizes = new int[k];
    for (int one : classOf) {
      totals[one]++;
    }
  }

  /// Places a group where the sum over classes of the standard deviation of shares is least; the fold with fewest rows
  /// among equals.
  int place(List<Integer> group) {
    int best = 0;
    double least = Double.POSITIVE_INFINITY;
    for (int fold = 0; fold < sizes.length; fold++) {
      add(group, fold, 1);
      double spread = spread();
      add(group, fold, -1);
      if (spread < least - NOISE || spread < least + NOISE && sizes[fold] < sizes[best]) {
        best = fold;
        least = Math.min(least, spread);
      }
    }
    add(group, best, 1);
    return best;
  }

  private void add(List<Integer> group, int fold, int count) {
    for (int row : group) {
      rows[classOf[row]][fold] += count;
      sizes[fold] += count;
    }
  }

  private double spread() {
    double sum = 0;
    for (int one = 0; one < rows.length; one++) {
      double squares = 0;
      for (int count : rows[one]) {
        double off = (double) count / totals[one] - placed(one) / sizes.length;
        squares += off * off;
      }
      sum += Math.sqrt(squares / sizes.length);
    }
    return sum;
  }

  private double placed(int one) {
    int placed = 0;
    for (int count : rows[one]) {
      placed += count;
    }
    return (double) placed / totals[one];
  }
}
