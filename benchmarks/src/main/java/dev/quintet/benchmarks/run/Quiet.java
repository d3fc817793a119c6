package dev.quintet.benchmarks.run;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// Whether the machine was left alone.
final class Quiet {
  /// What others may take of all processors before it shows in a figure.
  static final double ALLOWED = 0.05;

  /// How far what the machine can do may lie apart from one measurement of it to the next.
  static final double APART = 0.1;

  private Quiet() {}

  /// What disturbed a run, if anything did, a line each.
  static List<String> remarks(Report report) {
    return Stream.of(others(report), peaks(report)).flatMap(Optional::stream).toList();
  }

  /// That the machine could do less at times.
  private static Optional<String> peaks(Report report) {
    List<Double> flops = report.peaks().stream().map(Roof::flops).toList();
    List<Double> bytes = report.peaks().stream().map(Roof::bytes).toList();
    if (Math.max(fallen(flops), fallen(bytes)) <= APART) {
      return Optional.empty();
    }
    return Optional.of(
        "The machine was not the same throughout: measured %d times, it could do %s to %s GFLOP/s and read %s to %s GB/s. Shares are of the largest; trust ratios more than figures."
            .formatted(
                flops.size(),
                Figures.giga(Spread.of(flops).low()),
                Figures.giga(Spread.of(flops).high()),
                Figures.giga(Spread.of(bytes).low()),
                Figures.giga(Spread.of(bytes).high())));
  }

  /// The share of the largest that the smallest lacks.
  private static double fallen(List<Double> figures) {
    Spread spread = Spread.of(figures);
    return 1 - spread.low() / spread.high();
  }

  /// What others took.
  private static Optional<String> others(Report report) {
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
