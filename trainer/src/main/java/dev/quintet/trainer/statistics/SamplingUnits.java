package dev.quintet.trainer.statistics;

import dev.quintet.trainer.metric.Measured;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/// What is drawn: rows, or groups of rows that belong together, such as all questions about one text.
public final class SamplingUnits {
  /// From here on numpy sums in eight lanes, and up to there without halving.
  private static final int LANES = 8;

  private static final int BLOCK = 128;

  private final Measured measured;
  private final List<int[]> units;

  private SamplingUnits(Measured measured, List<int[]> units) {
    this.measured = measured;
    this.units = units;
  }

  /// Each row by itself.
  public static SamplingUnits rows(Measured measured) {
    return new SamplingUnits(
        measured, IntStream.range(0, measured.rows()).mapToObj(row -> new int[] {row}).toList());
  }

  /// Groups, in the order in which they first occur.
  ///
  /// @param groups each row's
  /// @throws IllegalArgumentException if they are not as many as rows
  public static SamplingUnits groups(Measured measured, List<String> groups) {
    if (groups.size() != measured.rows()) {
      throw new IllegalArgumentException(
          "SamplingUnits.groups: expected a group for each of %d rows, got %d"
              .formatted(measured.rows(), groups.size()));
    }
    Map<String, List<Integer>> rows = new LinkedHashMap<>();
    for (int row = 0; row < groups.size(); row++) {
      rows.computeIfAbsent(groups.get(row), _ -> new ArrayList<>()).add(row);
    }
    return new SamplingUnits(
        measured,
        rows.values().stream()
            .map(list -> list.stream().mapToInt(Integer::intValue).toArray())
            .toList());
  }

  /// How many units there are.
  public int size() {
    return units.size();
  }

  /// The scores of all rows together.
  public double[] scores() {
    return scores(IntStream.range(0, size()).toArray());
  }

  /// The scores of the rows of these units, a unit as often as it stands there.
  public double[] scores(int[] drawn) {
    int[] rows = rows(drawn);
    return measured.scores(sums(rows, (row, sums) -> measured.add(row, 1, sums)), rows.length);
  }

  /// The scores without one unit, for each unit.
  double[][] leftOut() {
    int[] all = rows(IntStream.range(0, size()).toArray());
    double[] sums = sums(all, (row, into) -> measured.add(row, 1, into));
    double[][] scores = new double[size()][];
    for (int unit = 0; unit < scores.length; unit++) {
      double[] left = sums.clone();
      for (int row : units.get(unit)) {
        measured.add(row, -1, left);
      }
      scores[unit] = measured.scores(left, all.length - units.get(unit).length);
    }
    return scores;
  }

  /// The scores where some units come from another system's answers to the same rows.
  double[] mixed(SamplingUnits other, BitSet fromOther) {
    int[] rows = rows(IntStream.range(0, size()).toArray());
    var foreign = new BitSet();
    fromOther.stream()
        .forEach(unit -> {
          for (int row : units.get(unit)) {
            foreign.set(row);
          }
        });
    double[] sums =
        sums(rows, (row, into) -> (foreign.get(row) ? other.measured : measured).add(row, 1, into));
    return measured.scores(sums, rows.length);
  }

  /// Fails unless another system has answered the same rows.
  void pair(String operation, SamplingUnits other) {
    if (size() != other.size() || measured.rows() != other.measured.rows()) {
      throw new IllegalArgumentException(
          "%s: expected two systems on the same rows, got %d and %d rows in %d and %d units"
              .formatted(operation, measured.rows(), other.measured.rows(), size(), other.size()));
    }
  }

  private int[] rows(int[] drawn) {
    return IntStream.of(drawn).flatMap(unit -> IntStream.of(units.get(unit))).toArray();
  }

  private interface Adding {
    void add(int row, double[] sums);
  }

  /// Sums as numpy adds them, in eight lanes and halves: the error stays small, and a tie of two means is one here as there.
  private double[] sums(int[] rows, Adding adding) {
    return sums(rows, 0, rows.length, adding);
  }

  private double[] sums(int[] rows, int from, int count, Adding adding) {
    int width = measured.width();
    if (count > BLOCK) {
      int half = count / 2 - count / 2 % LANES;
      double[] sums = sums(rows, from, half, adding);
      add(sums(rows, from + half, count - half, adding), sums);
      return sums;
    }
    int even = count < LANES ? 0 : count - count % LANES;
    double[] sums = new double[width];
    if (even > 0) {
      double[][] lanes = new double[LANES][width];
      for (int i = 0; i < even; i++) {
        adding.add(rows[from + i], lanes[i % LANES]);
      }
      for (int step = 1; step < LANES; step *= 2) {
        for (int lane = 0; lane < LANES; lane += 2 * step) {
          add(lanes[lane + step], lanes[lane]);
        }
      }
      sums = lanes[0];
    }
    for (int i = even; i < count; i++) {
      adding.add(rows[from + i], sums);
    }
    return sums;
  }

  private static void add(double[] more, double[] sums) {
    for (int i = 0; i < sums.length; i++) {
      sums[i] += more[i];
    }
  }
}
