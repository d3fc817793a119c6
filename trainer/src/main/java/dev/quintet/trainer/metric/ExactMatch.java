package dev.quintet.trainer.metric;

import java.util.List;

/// The share of predictions that equal a right answer, sign for sign.
///
/// @param name what to call it, such as `accuracy` of labels
public record ExactMatch(String name) implements Metric {

  @Override
  public List<String> names() {
    return List.of(name);
  }

  @Override
  public boolean isRightOrWrong(String name) {
    return true;
  }

  @Override
  public Measured measure(List<Answered> rows) {
    double[][] right =
        rows.stream()
            .map(row -> new double[] {row.answers().contains(row.prediction()) ? 1 : 0})
            .toArray(double[][]::new);
    return new Tally(right, 1, (sums, count) -> Tally.means(sums, count, 1));
  }
}
