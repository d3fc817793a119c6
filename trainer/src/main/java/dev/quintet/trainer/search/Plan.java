package dev.quintet.trainer.search;

import dev.quintet.trainer.search.Hyperband.Rung;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;

/// Which trial is to run next, and how far. A trial that goes on to a longer rung continues; it does not begin anew.
public sealed interface Plan {

  /// The next piece of work.
  ///
  /// @return nothing where everything is done, or what is left waits for trials at work
  Optional<Job> next(Board board);

  /// How many rungs the longest trials climb.
  int rungs();

  /// The name and numbers, for the journal.
  SequencedMap<String, Object> form();

  /// A piece of work.
  ///
  /// @param trial its number; the number of trials so far for a new one
  /// @param rung where it ends, from 0
  /// @param share of a trial's full length that it has got by then, in all
  record Job(int trial, int rung, double share) {}

  private static Optional<Job> waiting(Board board, double share) {
    return IntStream.range(0, board.trials())
        .filter(trial -> !board.done(trial, 0) && !board.busy(trial) && !board.ended(trial))
        .mapToObj(trial -> new Job(trial, 0, share))
        .findFirst();
  }

  private static SequencedMap<String, Object> named(String name) {
    var form = new TreeMap<String, Object>();
    form.put("name", name);
    return form;
  }

  private static void check(int trials) {
    if (trials < 1) {
      throw new IllegalArgumentException("a search has at least 1 trial, got " + trials);
    }
  }

  /// Every trial runs to its end.
  ///
  /// @param trials how many
  record FullLength(int trials) implements Plan {
    /// Checks the number.
    public FullLength {
      check(trials);
    }

    @Override
    public Optional<Job> next(Board board) {
      Optional<Job> waiting = waiting(board, 1);
      return waiting.isPresent() || board.trials() >= trials || board.exhausted()
          ? waiting
          : Optional.of(new Job(board.trials(), 0, 1));
    }

    @Override
    public int rungs() {
      return 1;
    }

    @Override
    public SequencedMap<String, Object> form() {
      return named("full"); // how many there are may grow
    }
  }

  /// One successive halving: all begin, one in eta goes on at each rung.
  ///
  /// @param trials how many begin
  /// @param longest a full trial as a multiple of the shortest
  /// @param eta one in how many goes on
  record Halving(int trials, int longest, int eta) implements Plan {
    /// Checks the numbers.
    public Halving {
      check(trials);
      Hyperband.halvings(longest, eta);
    }

    @Override
    public Optional<Job> next(Board board) {
      int s = Hyperband.halvings(longest, eta);
      return bracket(board, 0, Hyperband.rungs(trials, s, longest, eta), s, longest, eta);
    }

    @Override
    public int rungs() {
      return Hyperband.halvings(longest, eta) + 1;
    }

    @Override
    public SequencedMap<String, Object> form() {
      var form = named("halving");
      form.put("trials", (long) trials);
      form.put("longest", (long) longest);
      form.put("eta", (long) eta);
      return form;
    }
  }

  /// All brackets of Hyperband, one after another; a worker that would wait begins the next.
  ///
  /// @param longest a full trial as a multiple of the shortest
  /// @param eta one in how many goes on
  record Brackets(int longest, int eta) implements Plan {
    /// Checks the numbers.
    public Brackets {
      Hyperband.halvings(longest, eta);
    }

    /// How many trials begin in all.
    public int trials() {
      return Hyperband.brackets(longest, eta).stream()
          .mapToInt(bracket -> bracket.rungs().getFirst().trials())
          .sum();
    }

    @Override
    public Optional<Job> next(Board board) {
      int first = 0;
      for (Hyperband.Bracket bracket : Hyperband.brackets(longest, eta)) {
        Optional<Job> job = bracket(board, first, bracket.rungs(), rungs() - 1, longest, eta);
        if (job.isPresent()) {
          return job;
        }
        first += bracket.rungs().getFirst().trials();
      }
      return Optional.empty();
    }

    @Override
    public int rungs() {
      return Hyperband.halvings(longest, eta) + 1;
    }

    @Override
    public SequencedMap<String, Object> form() {
      var form = named("hyperband");
      form.put("longest", (long) longest);
      form.put("eta", (long) eta);
      return form;
    }
  }

  /// A bracket's next piece of work. Its rungs are the last of all rungs.
  ///
  /// @param first number of its first trial
  /// @param top number of the highest of all rungs
  private static Optional<Job> bracket(
      Board board, int first, List<Rung> rungs, int top, int longest, int eta) {
    int all = rungs.getFirst().trials();
    int begun = Math.clamp(board.trials() - first, 0, all);
    List<Integer> there = IntStream.range(first, first + begun).boxed().toList();
    boolean complete = begun == all || board.exhausted();
    int lowest = top - rungs.size() + 1;
    for (int i = 0; i < rungs.size(); i++) {
      int rung = lowest + i;
      double share = rungs.get(i).resource() / longest;
      for (int trial : there) {
        if (!board.done(trial, rung) && !board.busy(trial) && !board.ended(trial)) {
          return Optional.of(new Job(trial, rung, share));
        }
      }
      if (!complete) {
        // A new trial only takes its turn when its number is this bracket's.
        return board.trials() == first + begun
            ? Optional.of(new Job(board.trials(), rung, share))
            : Optional.empty();
      }
      if (there.stream().anyMatch(trial -> !board.done(trial, rung) && !board.ended(trial))) {
        return Optional.empty();
      }
      there =
          SuccessiveHalving.kept(
                  there,
                  trial -> board.done(trial, rung) ? board.result(trial, rung) : Double.NaN,
                  eta)
              .stream()
              .filter(trial -> board.done(trial, rung))
              .toList();
    }
    return Optional.empty();
  }

  /// Successive halving that waits for nobody (Li and others 2020, "A system for massively parallel hyperparameter
  /// tuning"): a free worker promotes a trial if it can, and else begins one.
  ///
  /// @param trials how many begin at most
  /// @param longest a full trial as a multiple of the shortest
  /// @param eta one in how many goes on
  record Asha(int trials, int longest, int eta) implements Plan {
    /// Checks the numbers.
    public Asha {
      check(trials);
      Hyperband.halvings(longest, eta);
    }

    @Override
    public Optional<Job> next(Board board) {
      List<Rung> lengths = Hyperband.rungs(1, rungs() - 1, longest, eta);
      for (int rung = rungs() - 2; rung >= 0; rung--) {
        int at = rung;
        List<Integer> there = new ArrayList<>();
        IntStream.range(0, board.trials()).filter(t -> board.done(t, at)).forEach(there::add);
        Optional<Integer> promoted =
            SuccessiveHalving.ordered(there, trial -> board.result(trial, at)).stream()
                .limit(there.size() / eta)
                .filter(trial ->
                    !board.done(trial, at + 1) && !board.busy(trial) && !board.ended(trial))
                .findFirst();
        if (promoted.isPresent()) {
          return Optional.of(
              new Job(promoted.get(), rung + 1, lengths.get(rung + 1).resource() / longest));
        }
      }
      double shortest = lengths.getFirst().resource() / longest;
      Optional<Job> waiting = waiting(board, shortest);
      return waiting.isPresent() || board.trials() >= trials || board.exhausted()
          ? waiting
          : Optional.of(new Job(board.trials(), 0, shortest));
    }

    @Override
    public int rungs() {
      return Hyperband.halvings(longest, eta) + 1;
    }

    @Override
    public SequencedMap<String, Object> form() {
      var form = named("asha"); // how many there are may grow
      form.put("longest", (long) longest);
      form.put("eta", (long) eta);
      return form;
    }
  }
}
