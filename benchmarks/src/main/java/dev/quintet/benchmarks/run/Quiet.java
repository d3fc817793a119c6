package dev.quintet.benchmarks.run;

import java.util.List;
import java.util.Optional;

/// Whether the machine was left alone.
final class Quiet {
  /// What others may take of all processors before it shows in a figure.
  static final double ALLOWED = 0.05;

  private Quiet() {}

  /// What disturbed a run, if anything did.
  static Optional<String> remark(Report report) {
    List<Turn> turns =
        report.contests().stream()
            .flatMap(one -> one.sides().stream())
            .flatMap(side -> side.turns().stream())
            .toList();
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
          "others took %s of it in the second before (load %s)%s"
              .formatted(
                  Figures.percent(report.before().others()),
                  Figures.digits(report.before().load()),
                  disturbed > 0 ? ", and " : ""));
    }
    if (disturbed > 0) {
      said.append(
          "more than %s of it went elsewhere in %d of %d turns (others up to %s, stolen by the host up to %s)"
              .formatted(
                  Figures.percent(ALLOWED),
                  disturbed,
                  turns.size(),
                  Figures.percent(most),
                  Figures.percent(stolen)));
    }
    return Optional.of(
        said.append(". Rows with * were disturbed; trust ratios more than figures.").toString());
  }

  static boolean isDisturbed(Turn turn) {
    return turn.elsewhere() > ALLOWED;
  }

  static boolean isDisturbed(Contest contest) {
    return contest.sides().stream().anyMatch(side -> side.disturbed() > ALLOWED);
  }
}
