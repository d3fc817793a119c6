package dev.quintet.benchmarks.run;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/// Whether the machine was left alone.
final class Quiet {
  /// What others may take of all processors before it shows in a figure.
  static final double ALLOWED = 0.05;

  private Quiet() {}

  /// What disturbed a run, if anything did.
  static Optional<String> remark(Report report) {
    List<Side> sides =
        report.contests().stream()
            .flatMap(one -> Stream.concat(Stream.of(one.ours()), one.peers().stream()))
            .toList();
    List<Turn> turns = sides.stream().flatMap(side -> side.turns().stream()).toList();
    long disturbed = turns.stream().filter(Quiet::isDisturbed).count();
    double most = turns.stream().mapToDouble(Turn::others).filter(Double::isFinite).max().orElse(0);
    double stolen =
        turns.stream().mapToDouble(Turn::stolen).filter(Double::isFinite).max().orElse(0);
    boolean before = report.before().others() > ALLOWED;
    if (disturbed == 0 && !before) {
      return Optional.empty();
    }
    var said = new StringBuilder("The machine was not quiet: ");
    if (before) {
      said.append(
          String.format(
              Locale.ROOT,
              "others took %.0f %% of it in the second before (load %.2f)%s",
              100 * report.before().others(),
              report.before().load(),
              disturbed > 0 ? ", and " : ""));
    }
    if (disturbed > 0) {
      said.append(
          String.format(
              Locale.ROOT,
              "more than %.0f %% of it went elsewhere in %d of %d turns (others up to %.0f %%, stolen by the host up to %.0f %%)",
              100 * ALLOWED,
              disturbed,
              turns.size(),
              100 * most,
              100 * stolen));
    }
    return Optional.of(
        said.append(". Rows with * were disturbed; trust ratios more than figures.").toString());
  }

  static boolean isDisturbed(Turn turn) {
    double others = Double.isNaN(turn.others()) ? 0 : turn.others();
    double stolen = Double.isNaN(turn.stolen()) ? 0 : turn.stolen();
    return others + stolen > ALLOWED;
  }
}
