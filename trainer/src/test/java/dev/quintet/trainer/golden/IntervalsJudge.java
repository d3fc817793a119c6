package dev.quintet.trainer.golden;

import dev.quintet.models.json.JsonObject;
import dev.quintet.trainer.metric.Measured;
import dev.quintet.trainer.statistics.Bootstrap;
import dev.quintet.trainer.statistics.Interval;
import dev.quintet.trainer.statistics.Proportion;
import dev.quintet.trainer.statistics.Resamples;
import dev.quintet.trainer.statistics.SamplingUnits;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;

/// Intervals beside those of numpy and scipy, from the same resamples.
final class IntervalsJudge implements GoldenJudge {
  private static final double NEAR = 1e-8;
  private static final List<String> ALWAYS =
      List.of(
          "statistic",
          "data",
          "resamples",
          "value",
          "standard_error",
          "bias",
          "z0",
          "acceleration");

  @Override
  public int check(JsonObject file) {
    Recorded.form(file, "intervals", "source", "cases");
    List<JsonObject> cases = Recorded.objects(file, "cases");
    for (int i = 0; i < cases.size(); i++) {
      check("intervals " + i, cases.get(i));
    }
    return cases.size();
  }

  private static void check(String where, JsonObject recorded) {
    List<?> data = recorded.required("data", JsonObject::list);
    double[][] columns =
        data.stream().map(list -> Recorded.numbers((List<?>) list)).toArray(double[][]::new);
    int[][] draws = recorded.required("resamples", JsonObject::integerRows);
    String statistic = recorded.required("statistic", JsonObject::string);
    Bootstrap bootstrap =
        Bootstrap.of(
                SamplingUnits.rows(measured(statistic, columns)),
                Resamples.recorded(List.of(draws)))
            .getFirst();
    near(where + " value", recorded, "value", bootstrap.value());
    near(where + " standard error", recorded, "standard_error", bootstrap.standardError());
    near(where + " bias", recorded, "bias", bootstrap.bias());
    near(where + " z0", recorded, "z0", bootstrap.z0());
    near(where + " acceleration", recorded, "acceleration", bootstrap.acceleration());

    var left = new TreeSet<>(recorded.keys());
    if (!left.containsAll(ALWAYS)) {
      throw new AssertionError(where + ": expected the keys " + ALWAYS + ", found " + left);
    }
    ALWAYS.forEach(left::remove);
    for (String key : left) {
      int split = key.lastIndexOf('_');
      double level = Double.parseDouble(key.substring(split + 1));
      Interval interval = interval(where, key.substring(0, split), level, bootstrap, columns);
      double[] ends = Recorded.numbers(recorded, key);
      Recorded.within(where + " " + key + " low", ends[0], interval.low(), NEAR);
      Recorded.within(where + " " + key + " high", ends[1], interval.high(), NEAR);
    }
  }

  private static Interval interval(
      String where, String kind, double level, Bootstrap bootstrap, double[][] columns) {
    return switch (kind) {
      case "percentile" -> bootstrap.percentile(level);
      case "basic" -> bootstrap.basic(level);
      case "bca" -> bootstrap.bca(level);
      case "wilson" -> proportion(columns).wilson(level);
      case "clopper_pearson" -> proportion(columns).clopperPearson(level);
      default -> throw new AssertionError(where + ": an unknown kind of interval, " + kind);
    };
  }

  private static Proportion proportion(double[][] columns) {
    return new Proportion((long) Arrays.stream(columns[0]).sum(), columns[0].length);
  }

  private static Measured measured(String statistic, double[][] columns) {
    double[][] rows = new double[columns[0].length][columns.length];
    for (int row = 0; row < rows.length; row++) {
      for (int column = 0; column < columns.length; column++) {
        rows[row][column] = columns[column][row];
      }
    }
    return new Measured() {
      @Override
      public double[][] statistics() {
        return rows;
      }

      @Override
      public double[] scores(double[] sums, int count) {
        return switch (statistic) {
          case "mean" -> new double[] {sums[0] / count};
          case "ratio" -> new double[] {sums[0] / sums[1]};
          default -> throw new AssertionError("an unknown statistic: " + statistic);
        };
      }
    };
  }

  private static void near(String where, JsonObject recorded, String key, double got) {
    Recorded.within(where, Recorded.number(recorded, key), got, NEAR);
  }
}
