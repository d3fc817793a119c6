package dev.quintet.benchmarks.run;

import dev.quintet.app.report.Block;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A run as a table: a row for each of ours, with its peers beside it, one a line.
///
/// @param report the run
/// @param baseline an earlier one
record BenchTable(Report report, Optional<Baseline> baseline) {
  private static final int TEXTS = 2;

  /// The table.
  Block.Table table() {
    List<String> head =
        new ArrayList<>(
            List.of(
                "benchmark",
                "parameters",
                "Quintet",
                "+-",
                "of FMA",
                "of memory",
                "peer",
                "it takes",
                "ratio",
                "from..to"));
    if (baseline.isPresent()) {
      head.addAll(List.of("since then", "ratio since then"));
    }
    List<List<String>> rows = new ArrayList<>();
    for (Contest contest : report.contests()) {
      List<String> left = ours(contest);
      Optional<Baseline.Change> change = baseline.flatMap(then -> then.change(contest));
      if (contest.peers().isEmpty()) {
        rows.add(row(left, List.of("", "", "", ""), changes(change, Optional.empty())));
      }
      for (Side peer : contest.peers()) {
        rows.add(
            row(
                left,
                beside(contest, peer),
                changes(change, baseline.flatMap(then -> then.change(contest, peer)))));
        left = List.of("", "", "", "", "", "");
        change = Optional.empty();
      }
    }
    return new Block.Table(head, rows, TEXTS);
  }

  private static List<String> row(List<String> left, List<String> right, List<String> changes) {
    List<String> row = new ArrayList<>(left);
    row.addAll(right);
    row.addAll(changes);
    return row;
  }

  private List<String> ours(Contest contest) {
    Side ours = contest.ours();
    String mark = Quiet.isDisturbed(contest) ? " *" : "";
    if (!ours.isThere()) {
      return List.of(contest.title(), contest.settings(), "(see below)", "", "", "");
    }
    Spread spread = ours.spread();
    return List.of(
        contest.title() + mark,
        contest.settings(),
        Figures.speed(spread.median(), contest.unit()),
        Figures.percent(spread.width() / 2),
        share(report.roof().shareOfFlops(contest.work(), spread.median())),
        share(report.roof().shareOfBytes(contest.work(), spread.median())));
  }

  /// Nothing where nobody counted.
  private static String share(double share) {
    return share > 0 ? Figures.percent(share) : "";
  }

  private List<String> beside(Contest contest, Side peer) {
    if (!peer.isThere()) {
      return List.of(peer.name(), "(see below)", "", "");
    }
    String time = Figures.speed(peer.spread().median(), contest.unit());
    if (!contest.ours().isThere()) {
      return List.of(peer.name(), time, "", "");
    }
    Spread ratio = Spread.of(contest.ours().ratios(peer));
    return List.of(
        peer.name(),
        time,
        Figures.ratio(ratio.median()),
        Figures.ratio(ratio.low()) + ".." + Figures.ratio(ratio.high()));
  }

  private List<String> changes(Optional<Baseline.Change> ours, Optional<Baseline.Change> ratio) {
    return baseline.isEmpty() ? List.of() : List.of(words(ours), words(ratio));
  }

  private static String words(Optional<Baseline.Change> change) {
    return change.map(one -> Figures.ratio(one.factor()) + " " + one.verdict()).orElse("");
  }

  /// What stands below the table: why columns are empty, what disturbed, by which rule changes count, what profilers said.
  List<String> remarks() {
    List<String> remarks = new ArrayList<>();
    remarks.add(
        "Medians of the turns; +- is half of what lies between the slowest and the fastest turn; a turn is a process of its"
            + " own, and ours and the peers take them alternately. ratio: how many times as fast as the peer, from the lowest to"
            + " the highest turn.");
    if (report.contests().stream().anyMatch(one -> one.work().isCounted())) {
      remarks.add(
          "of FMA, of memory: the share that ours takes of the machine's best on all threads, "
              + Figures.giga(report.roof().flops())
              + " GFLOP/s and "
              + Figures.giga(report.roof().bytes())
              + " GB/s; the larger one binds. Each operand counts once, so memory comes to more than 100 % where they stay in a"
              + " cache. A token of decoding reads the weights, in the precision they are stored in.");
    }
    absences().forEach(remarks::add);
    for (Contest contest : report.contests()) {
      contest
          .ours()
          .also()
          .forEach((name, value) ->
              remarks.add(contest.label() + ": " + name + " " + Figures.digits(value)));
    }
    for (Contest contest : report.contests()) {
      contest
          .sides()
          .forEach(
              side -> side.notes().forEach(note -> remarks.add(contest.label() + ": " + note)));
    }
    remarks.addAll(Quiet.remarks(report));
    baseline.ifPresent(then -> {
      remarks.add(Baseline.RULE);
      remarks.addAll(then.remarks(report));
    });
    if (!report.complete()) {
      remarks.add("The run did not come to its end.");
    }
    return remarks;
  }

  /// Each reason once.
  List<String> absences() {
    return report.contests().stream()
        .flatMap(contest -> contest.sides().stream())
        .filter(side -> !side.isThere())
        .map(side -> side.name() + " is missing: " + side.absent().orElse("not measured"))
        .distinct()
        .toList();
  }
}
