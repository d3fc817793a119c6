package dev.quintet.benchmarks.run;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// An earlier run, and what is different now.
///
/// @param report the earlier run
record Baseline(Report report) {

  /// How few turns say nothing: of 2 and 2, one pair of equal machines in three would seem different.
  static final int FEWEST = 3;

  /// What lies nearer together counts as equal, whatever the turns say.
  static final double FLOOR = 1.02;

  /// The rule in words, for whoever reads a table.
  static final String RULE =
      "A change counts only where every turn of one run lies beyond every turn of the other, by more than 2 %; all else is"
          + " noise. Of 3 and 3 turns of equal speed, chance parts one pair in ten; of 5 and 5, one in 126. Two and fewer say"
          + " nothing. Where the speed changed and the ratio to a peer did not, the machine changed.";

  /// What came of a comparison.
  enum Verdict {
    FASTER("faster"),
    SLOWER("slower"),
    NOISE("noise"),
    TOO_FEW("too few turns");

    private final String words;

    Verdict(String words) {
      this.words = words;
    }

    @Override
    public String toString() {
      return words;
    }
  }

  /// @param factor how many times as fast as then
  /// @param verdict whether that is more than noise
  record Change(double factor, Verdict verdict) {
    static Change between(List<Double> then, List<Double> now) {
      Spread before = Spread.of(then);
      Spread after = Spread.of(now);
      double factor = after.median() / before.median();
      if (before.count() < FEWEST || after.count() < FEWEST) {
        return new Change(factor, Verdict.TOO_FEW);
      }
      if (after.low() > before.high() * FLOOR) {
        return new Change(factor, Verdict.FASTER);
      }
      return new Change(
          factor, after.high() * FLOOR < before.low() ? Verdict.SLOWER : Verdict.NOISE);
    }
  }

  private Optional<Contest> earlier(Contest contest) {
    return report.contests().stream()
        .filter(one -> one.key().equals(contest.key()) && one.unit().equals(contest.unit()))
        .filter(one -> one.ours().isThere())
        .findFirst();
  }

  /// Our speed now beside then; nothing where one of both lacks it.
  Optional<Change> change(Contest contest) {
    if (!contest.ours().isThere()) {
      return Optional.empty();
    }
    return earlier(contest)
        .map(then -> Change.between(then.ours().speeds(), contest.ours().speeds()));
  }

  /// The ratio to a peer now beside then: what the machine did to both sides cancels.
  Optional<Change> change(Contest contest, Side peer) {
    if (!contest.ours().isThere() || !peer.isThere()) {
      return Optional.empty();
    }
    return earlier(contest)
        .flatMap(then ->
            then.peers().stream()
                .filter(one -> one.method().equals(peer.method()) && one.isThere())
                .findFirst()
                .map(other ->
                    Change.between(then.ours().ratios(other), contest.ours().ratios(peer))));
  }

  /// What differs beside the code: machine, JDK, preset; and what one run has and the other has not.
  List<String> remarks(Report now) {
    List<String> remarks = new ArrayList<>();
    now.machine()
        .forEach((name, value) -> {
          String then = report.machine().getOrDefault(name, "nothing");
          if (!then.equals(value)) {
            remarks.add("The baseline's " + name + " was " + then + ", now it is " + value + ".");
          }
        });
    if (!report.preset().equals(now.preset())) {
      remarks.add(
          "The baseline was a run of "
              + report.preset()
              + ", this is one of "
              + now.preset()
              + ".");
    }
    if (!report.complete()) {
      remarks.add("The baseline did not come to its end.");
    }
    long found = now.contests().stream().filter(one -> earlier(one).isPresent()).count();
    if (found < now.contests().size()) {
      remarks.add(
          (now.contests().size() - found)
              + " of "
              + now.contests().size()
              + " rows have none in the baseline to be held to.");
    }
    return remarks;
  }
}
