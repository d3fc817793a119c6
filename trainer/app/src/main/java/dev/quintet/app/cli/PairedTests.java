package dev.quintet.app.cli;

import dev.quintet.trainer.metric.Metric;
import dev.quintet.trainer.statistics.ApproximateRandomization;
import dev.quintet.trainer.statistics.McNemar;
import dev.quintet.trainer.statistics.PairedBootstrap;
import dev.quintet.trainer.statistics.Resamples;
import dev.quintet.trainer.statistics.SamplingUnits;
import dev.quintet.trainer.statistics.Swaps;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;

/// Tests of whether one system is better than others on the same rows.
///
/// @param kinds which tests
/// @param trials how often answers are swapped by chance
/// @param resamples how often rows are drawn anew
/// @param seed what both are drawn by
/// @param grouped whether rows belong to groups, which McNemar's test does not know
record PairedTests(Set<Kind> kinds, int trials, int resamples, long seed, boolean grouped) {

  /// A test of a difference, on both sides.
  enum Kind {
    /// Resamples of rows, as sacrebleu does it.
    BOOTSTRAP("bootstrap"),
    /// Answers swapped between the systems by chance.
    RANDOMIZATION("randomization"),
    /// Rows on which one system alone is right.
    MCNEMAR("McNemar");

    private final String title;

    Kind(String title) {
      this.title = title;
    }

    String title() {
      return title;
    }
  }

  /// A difference of two systems in one score.
  ///
  /// @param name of the score
  /// @param value this system's
  /// @param baseline the other system's
  /// @param bootstrap where it was asked for, as each of the tests
  /// @param mcNemar where rows are right or wrong by the score
  record Difference(
      String name,
      double value,
      double baseline,
      Optional<PairedBootstrap> bootstrap,
      Optional<ApproximateRandomization> randomization,
      Optional<McNemar> mcNemar) {

    OptionalDouble p(Kind kind) {
      return switch (kind) {
        case BOOTSTRAP -> of(bootstrap.map(PairedBootstrap::p));
        case RANDOMIZATION -> of(randomization.map(ApproximateRandomization::p));
        case MCNEMAR -> of(mcNemar.map(McNemar::exactP));
      };
    }

    private static OptionalDouble of(Optional<Double> p) {
      return p.map(OptionalDouble::of).orElseGet(OptionalDouble::empty);
    }
  }

  /// Compares two systems by each score of a metric.
  ///
  /// @param name the metric's
  /// @param other the other system's rows
  /// @param own this system's
  List<Difference> of(String name, Metric metric, SamplingUnits other, SamplingUnits own) {
    List<PairedBootstrap> bootstraps =
        kinds.contains(Kind.BOOTSTRAP)
            ? PairedBootstrap.of(metric, other, own, Resamples.seeded(own.size(), resamples, seed))
            : List.of();
    List<ApproximateRandomization> randomizations =
        kinds.contains(Kind.RANDOMIZATION)
            ? ApproximateRandomization.of(other, own, Swaps.seeded(own.size(), trials, seed))
            : List.of();
    double[] others = other.scores();
    double[] owns = own.scores();
    var differences = new ArrayList<Difference>();
    for (int i = 0; i < owns.length; i++) {
      boolean counts =
          kinds.contains(Kind.MCNEMAR) && !grouped && metric.isRightOrWrong(metric.names().get(i));
      differences.add(
          new Difference(
              name + "/" + metric.names().get(i),
              owns[i],
              others[i],
              bootstraps.isEmpty() ? Optional.empty() : Optional.of(bootstraps.get(i)),
              randomizations.isEmpty() ? Optional.empty() : Optional.of(randomizations.get(i)),
              counts ? Optional.of(McNemar.of(other, own, i)) : Optional.empty()));
    }
    return differences;
  }
}
