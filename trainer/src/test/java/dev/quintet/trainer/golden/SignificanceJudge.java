package dev.quintet.trainer.golden;

import dev.quintet.models.json.JsonObject;
import dev.quintet.trainer.metric.Answered;
import dev.quintet.trainer.metric.Measured;
import dev.quintet.trainer.metric.Metric;
import dev.quintet.trainer.metric.translation.Bleu;
import dev.quintet.trainer.metric.translation.Chrf;
import dev.quintet.trainer.statistics.ApproximateRandomization;
import dev.quintet.trainer.statistics.McNemar;
import dev.quintet.trainer.statistics.PairedBootstrap;
import dev.quintet.trainer.statistics.PairedMeans;
import dev.quintet.trainer.statistics.Resamples;
import dev.quintet.trainer.statistics.SamplingUnits;
import dev.quintet.trainer.statistics.Swaps;
import dev.quintet.trainer.statistics.TestResult;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.stream.IntStream;

/// Comparisons of two systems beside those of sacrebleu, statsmodels and scipy.
final class SignificanceJudge implements GoldenJudge {
  private static final double NEAR = 1e-8;
  private static final long SEED = 12345;

  @Override
  public int check(JsonObject file) {
    Recorded.form(file, "significance", "source", "recorded", "sacrebleu", "mcnemar", "means");
    return each(file, "recorded", SignificanceJudge::recorded)
        + each(file, "sacrebleu", SignificanceJudge::sacrebleu)
        + each(file, "mcnemar", SignificanceJudge::mcNemar)
        + each(file, "means", SignificanceJudge::means);
  }

  private interface Check {
    void check(String where, JsonObject recorded);
  }

  private static int each(JsonObject file, String key, Check check) {
    List<JsonObject> cases = Recorded.objects(file, key);
    for (int i = 0; i < cases.size(); i++) {
      check.check("significance " + key + " " + i, cases.get(i));
    }
    return cases.size();
  }

  /// Draws are given, so that numbers are exact.
  private static void recorded(String where, JsonObject recorded) {
    Recorded.form(
        recorded,
        where,
        "metric",
        "statistics_a",
        "statistics_b",
        "score_a",
        "score_b",
        "resamples",
        "bootstrap_a",
        "bootstrap_b",
        "bootstrap_p",
        "mean_b",
        "ci_b",
        "koehn_share_b_not_better",
        "swaps",
        "randomization_p");
    Metric metric = metric(where, recorded.required("metric", JsonObject::string));
    SamplingUnits one = units(metric, recorded, "statistics_a");
    SamplingUnits other = units(metric, recorded, "statistics_b");
    var resamples =
        Resamples.recorded(List.of(recorded.required("resamples", JsonObject::integerRows)));
    scores(where, Recorded.numbers(recorded, "bootstrap_a"), one, resamples);
    scores(where, Recorded.numbers(recorded, "bootstrap_b"), other, resamples);
    PairedBootstrap paired = PairedBootstrap.of(metric, one, other, resamples).getFirst();
    near(where, recorded, "score_a", paired.first());
    near(where, recorded, "score_b", paired.second());
    near(where, recorded, "mean_b", paired.mean());
    near(where, recorded, "ci_b", paired.margin());
    exact(where, recorded, "bootstrap_p", paired.p());
    exact(where, recorded, "koehn_share_b_not_better", paired.notBetter());
    List<BitSet> swaps =
        Recorded.strings(recorded, "swaps").stream().map(SignificanceJudge::bits).toList();
    exact(
        where,
        recorded,
        "randomization_p",
        ApproximateRandomization.of(one, other, Swaps.recorded(swaps)).getFirst().p());
  }

  /// Draws are ours and not sacrebleu's, so that numbers agree as far as chance lets them.
  private static void sacrebleu(String where, JsonObject recorded) {
    Recorded.form(recorded, where, "references", "a", "b", "bs", "ar");
    List<String> references = Recorded.strings(recorded, "references");
    List<Answered> one = rows(Recorded.strings(recorded, "a"), references);
    List<Answered> other = rows(Recorded.strings(recorded, "b"), references);
    JsonObject bootstraps = recorded.required("bs", JsonObject::object);
    JsonObject randomizations = recorded.required("ar", JsonObject::object);
    Recorded.form(bootstraps, where, "BLEU", "chrF2");
    Recorded.form(randomizations, where, "BLEU", "chrF2");
    for (String name : List.of("BLEU", "chrF2")) {
      Metric metric = metric(where, name);
      SamplingUnits first = SamplingUnits.rows(metric.measure(one));
      SamplingUnits second = SamplingUnits.rows(metric.measure(other));
      JsonObject bs = bootstraps.required(name, JsonObject::object);
      Recorded.form(bs, where, "score_a", "score_b", "p", "mean_b", "ci_b");
      PairedBootstrap paired =
          PairedBootstrap.of(metric, first, second, Resamples.seeded(references.size(), 1000, SEED))
              .getFirst();
      Recorded.near(where, Recorded.number(bs, "score_a"), paired.first());
      Recorded.near(where, Recorded.number(bs, "score_b"), paired.second());
      chance(where + " " + name + " bs", Recorded.number(bs, "p"), paired.p(), 1000);
      double ci = Recorded.number(bs, "ci_b");
      Recorded.within(where + " mean", Recorded.number(bs, "mean_b"), paired.mean(), 0.2 * ci);
      Recorded.within(where + " ci", ci, paired.margin(), 0.15 * ci);

      JsonObject ar = randomizations.required(name, JsonObject::object);
      Recorded.form(ar, where, "score_a", "score_b", "p");
      ApproximateRandomization dealt =
          ApproximateRandomization.of(first, second, Swaps.seeded(references.size(), 10_000, SEED))
              .getFirst();
      Recorded.near(where, Recorded.number(ar, "score_a"), dealt.first());
      Recorded.near(where, Recorded.number(ar, "score_b"), dealt.second());
      chance(where + " " + name + " ar", Recorded.number(ar, "p"), dealt.p(), 10_000);
    }
  }

  private static void mcNemar(String where, JsonObject recorded) {
    var test =
        new McNemar(
            (long) Recorded.number(recorded, "only_a_right"),
            (long) Recorded.number(recorded, "only_b_right"));
    near(where, recorded, "exact_p", test.exactP());
    if (test.onlyFirst() + test.onlySecond() == 0) {
      Recorded.form(recorded, where, "only_a_right", "only_b_right", "exact_p");
      return;
    }
    Recorded.form(
        recorded, where, "only_a_right", "only_b_right", "exact_p", "chi2", "chi2_corrected");
    near(where + " chi2", Recorded.numbers(recorded, "chi2"), test.chiSquared());
    near(where + " corrected", Recorded.numbers(recorded, "chi2_corrected"), test.corrected());
  }

  private static void means(String where, JsonObject recorded) {
    Recorded.form(recorded, where, "a", "b", "exact_sign_flip_p", "paired_t");
    double[] one = Recorded.numbers(recorded, "a");
    double[] other = Recorded.numbers(recorded, "b");
    exact(where, recorded, "exact_sign_flip_p", PairedMeans.signFlips(one, other));
    near(where + " t", Recorded.numbers(recorded, "paired_t"), PairedMeans.t(one, other));
  }

  private static Metric metric(String where, String name) {
    return switch (name) {
      case "bleu", "BLEU" -> Bleu.DEFAULT;
      case "chrf", "chrF2" -> Chrf.DEFAULT;
      default -> throw new AssertionError(where + ": an unknown metric, " + name);
    };
  }

  private static SamplingUnits units(Metric metric, JsonObject recorded, String key) {
    double[][] statistics =
        recorded.required(key, JsonObject::list).stream()
            .map(row -> Recorded.numbers((List<?>) row))
            .toArray(double[][]::new);
    Measured none = metric.measure(List.of());
    return SamplingUnits.rows(
        new Measured() {
          @Override
          public double[][] statistics() {
            return statistics;
          }

          @Override
          public double[] scores(double[] sums, int rows) {
            return none.scores(sums, rows);
          }
        });
  }

  private static void scores(
      String where, double[] recorded, SamplingUnits units, Resamples resamples) {
    Recorded.same(where + " resamples", recorded.length, resamples.count());
    for (int i = 0; i < recorded.length; i++) {
      Recorded.within(
          where + " resample " + i,
          recorded[i],
          units.scores(resamples.draw(i))[0],
          NEAR * Math.max(1, recorded[i]));
    }
  }

  private static List<Answered> rows(List<String> predictions, List<String> references) {
    var rows = new ArrayList<Answered>();
    for (int i = 0; i < references.size(); i++) {
      rows.add(new Answered(predictions.get(i), references.get(i)));
    }
    return rows;
  }

  private static BitSet bits(String digits) {
    var bits = new BitSet();
    IntStream.range(0, digits.length()).forEach(i -> bits.set(i, digits.charAt(i) == '1'));
    return bits;
  }

  /// Both p-values are shares of draws, each with its own error.
  private static void chance(String where, double recorded, double got, int draws) {
    double error = 4 * Math.sqrt(recorded * (1 - recorded) / draws) + 2.0 / draws;
    Recorded.within(where + " p", recorded, got, 2 * error);
  }

  private static void near(String where, double[] recorded, TestResult got) {
    Recorded.same(where + ", how many", recorded.length, 2);
    Recorded.within(where, recorded[0], got.statistic(), NEAR);
    Recorded.within(where + " p", recorded[1], got.p(), NEAR);
  }

  private static void near(String where, JsonObject recorded, String key, double got) {
    double value = Recorded.number(recorded, key);
    Recorded.within(where + " " + key, value, got, NEAR * Math.max(1, Math.abs(value)));
  }

  /// Equal but for the ten digits that are written.
  private static void exact(String where, JsonObject recorded, String key, double got) {
    double value = Recorded.number(recorded, key);
    Recorded.within(where + " " + key, value, got, 1e-9 * value);
  }
}
