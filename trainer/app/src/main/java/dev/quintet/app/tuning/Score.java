package dev.quintet.app.tuning;

import dev.quintet.models.json.JsonObject;
import dev.quintet.trainer.metric.Answered;
import dev.quintet.trainer.metric.Metric;
import dev.quintet.trainer.statistics.Quantiles;
import dev.quintet.trainer.statistics.Resamples;
import dev.quintet.trainer.statistics.SamplingUnits;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/// A score with what it would be on other rows of the same kind: its values on resamples.
///
/// Scores of the same rows are taken on the same resamples, so that a mean over seeds has the interval of rows drawn once,
/// each with the answers of all seeds.
public final class Score {
  /// How many resamples there are.
  static final int RESAMPLES = 500;

  private static final double LOW = 0.025;
  private static final double HIGH = 0.975;

  private final double value;
  private final double[] resampled;

  private Score(double value, double[] resampled) {
    this.value = value;
    this.resampled = resampled;
  }

  /// The score of answers.
  ///
  /// @param metric that has it
  /// @param name of the score, one of the metric's
  /// @param rows the answers
  /// @param seed of the resamples, the same for all answers to the same rows
  public static Score of(Metric metric, String name, List<Answered> rows, long seed) {
    int index = metric.names().indexOf(name);
    SamplingUnits units = SamplingUnits.rows(metric.measure(rows));
    Resamples draws = Resamples.seeded(rows.size(), RESAMPLES, seed);
    double[] resampled =
        IntStream.range(0, RESAMPLES)
            .mapToDouble(i -> rounded(units.scores(draws.draw(i))[index]))
            .toArray();
    return new Score(rounded(units.scores()[index]), resampled);
  }

  /// The mean of single numbers, with resamples of them.
  static Score ofNumbers(List<Double> numbers) {
    Resamples draws = Resamples.seeded(numbers.size(), RESAMPLES, numbers.size());
    return new Score(
        mean(numbers.stream().mapToDouble(Double::doubleValue).toArray()),
        IntStream.range(0, RESAMPLES)
            .mapToDouble(
                i -> mean(Arrays.stream(draws.draw(i)).mapToDouble(numbers::get).toArray()))
            .toArray());
  }

  /// The mean of scores, resample by resample.
  static Score mean(List<Score> scores) {
    return new Score(
        mean(scores.stream().mapToDouble(Score::value).toArray()),
        IntStream.range(0, RESAMPLES)
            .mapToDouble(i -> mean(scores.stream().mapToDouble(one -> one.resampled[i]).toArray()))
            .toArray());
  }

  /// The score with its sign turned.
  Score negated() {
    return new Score(-value, Arrays.stream(resampled).map(one -> -one).toArray());
  }

  private static double mean(double[] numbers) {
    return Arrays.stream(numbers).sum() / numbers.length;
  }

  /// In as many digits as a journal has, so that a number read again is the same.
  private static double rounded(double value) {
    return Double.isFinite(value) ? Math.round(value * 1e6) / 1e6 : Double.NaN;
  }

  /// The score of all rows.
  public double value() {
    return value;
  }

  /// The lower end of the interval of 95 %.
  public double low() {
    return quantile(LOW);
  }

  /// Its upper end.
  public double high() {
    return quantile(HIGH);
  }

  private double quantile(double probability) {
    return Quantiles.of(
        Arrays.stream(resampled).filter(score -> !Double.isNaN(score)).sorted().toArray(),
        probability);
  }

  /// Whether this is more than another, less, or neither, since their intervals overlap: 1, -1 or 0.
  int against(Score other) {
    return low() > other.high() ? 1 : high() < other.low() ? -1 : 0;
  }

  Map<String, Object> json() {
    var json = new LinkedHashMap<String, Object>();
    json.put("value", value);
    json.put("resampled", Arrays.stream(resampled).boxed().toList());
    return json;
  }

  static Score of(JsonObject json) {
    double[] resampled =
        json.required("resampled", JsonObject::list).stream().mapToDouble(Score::number).toArray();
    if (resampled.length != RESAMPLES) {
      throw json.wrong("resampled", RESAMPLES + " numbers", resampled.length);
    }
    return new Score(number(json.value("value").orElse("NaN")), resampled);
  }

  private static double number(Object value) {
    return value instanceof Number number ? number.doubleValue() : Double.NaN;
  }
}
