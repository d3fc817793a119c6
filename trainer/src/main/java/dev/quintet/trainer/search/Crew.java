package dev.quintet.trainer.search;

import dev.quintet.trainer.search.Ledger.Entry;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/// The workers of a search. Whatever they decide is decided under one lock, and written to the journal before it counts.
final class Crew {
  private static final long NAP = 100;

  private final Journal journal;
  private final Ledger ledger;
  private final Rules rules;
  private final Objective objective;
  private final List<SearchListener> listeners;
  private Optional<Throwable> fault = Optional.empty();

  Crew(
      Journal journal,
      Ledger ledger,
      Rules rules,
      Objective objective,
      List<SearchListener> listeners) {
    this.journal = journal;
    this.ledger = ledger;
    this.rules = rules;
    this.objective = objective;
    this.listeners = List.copyOf(listeners);
  }

  /// What a search goes by.
  record Rules(
      Plan plan,
      Sampler sampler,
      Optional<MedianPruner> pruner,
      long trialSeed,
      BooleanSupplier stop) {}

  SearchResult run(int workers, boolean higherIsBetter) {
    tell(listener -> listener.started(ledger.results()));
    var threads = new ArrayList<Thread>();
    for (int i = 1; i < workers; i++) {
      threads.add(Thread.ofPlatform().name("trial-worker-" + i).start(this::work));
    }
    work();
    boolean interrupted = false;
    for (Thread thread : threads) {
      while (thread.isAlive()) {
        try {
          thread.join();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    if (fault.isPresent()) {
      switch (fault.get()) {
        case RuntimeException e -> throw e;
        case Error e -> throw e;
        case Throwable e -> throw new IllegalStateException(e);
      }
    }
    return new SearchResult(
        ledger.results(),
        higherIsBetter,
        rules.stop.getAsBoolean() && next().isPresent(),
        ledger.exhausted());
  }

  private void work() {
    try {
      for (Optional<Work> work = take(); work.isPresent(); work = take()) {
        work.get().run();
      }
    } catch (RuntimeException | Error e) {
      synchronized (this) {
        fault = fault.or(() -> Optional.of(e));
        notifyAll();
      }
    }
  }

  private boolean stopping() {
    return rules.stop.getAsBoolean() || fault.isPresent();
  }

  /// The next piece of work; nothing where there is none left, or the search stops.
  private synchronized Optional<Work> take() {
    while (!stopping()) {
      Optional<Plan.Job> job = next();
      if (job.isPresent()) {
        Entry entry = ledger.entry(job.get().trial());
        entry.busy = true;
        tell(listener -> listener.begun(ledger.result(job.get().trial())));
        return Optional.of(new Work(job.get(), entry));
      }
      if (!anyBusy()) {
        return Optional.empty();
      }
      try {
        wait(NAP);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return Optional.empty();
      }
    }
    return Optional.empty();
  }

  private boolean anyBusy() {
    for (int trial = 0; trial < ledger.trials(); trial++) {
      if (ledger.busy(trial)) {
        return true;
      }
    }
    return false;
  }

  /// What the plan wants, its trial being proposed if it is new.
  private Optional<Plan.Job> next() {
    Optional<Plan.Job> job = rules.plan.next(ledger);
    if (job.isEmpty() || job.get().trial() < ledger.trials() || rules.stop.getAsBoolean()) {
      return job;
    }
    List<Seen> seen = ledger.seen();
    Optional<Sampler.Proposal> proposal = rules.sampler.propose(job.get().trial(), seen);
    if (proposal.isEmpty()) {
      ledger.exhaust();
      return next();
    }
    SequencedMap<String, Object> event = event(job.get().trial(), "proposed");
    event.put("values", proposal.get().values());
    event.put("seed", rules.trialSeed);
    event.put(
        "after",
        seen.stream()
            .filter(one -> one.state() != Seen.State.PENDING)
            .map(one -> (long) one.trial())
            .toList());
    double[] model = proposal.get().model();
    if (model.length > 0) {
      event.put("model", Arrays.stream(model).boxed().toList());
    }
    write(event);
    return job;
  }

  private static SequencedMap<String, Object> event(int trial, String kind) {
    var event = new LinkedHashMap<String, Object>();
    event.put("trial", (long) trial);
    event.put("event", kind);
    return event;
  }

  private void write(SequencedMap<String, Object> event) {
    ledger.apply(journal.append(event));
  }

  private void tell(Consumer<SearchListener> what) {
    listeners.forEach(what);
  }

  /// One trial at work, up to the end of one rung.
  private final class Work implements Trial {
    private final Plan.Job job;
    private final Entry entry;
    private boolean pruned;

    Work(Plan.Job job, Entry entry) {
      this.job = job;
      this.entry = entry;
    }

    void run() {
      long start = System.nanoTime();
      synchronized (Crew.this) {
        // Reported, but killed before it was stopped.
        pruned = !entry.reported.isEmpty() && prunes();
      }
      Optional<Outcome> outcome = Optional.empty();
      Optional<TrialFailedException> failure = Optional.empty();
      try {
        outcome = pruned ? outcome : objective.run(this);
      } catch (TrialFailedException e) {
        failure = Optional.of(e);
      }
      double seconds = Math.round((System.nanoTime() - start) / 1e6) / 1e3;
      synchronized (Crew.this) {
        entry.busy = false;
        if (failure.isPresent()) {
          SequencedMap<String, Object> event = event(job.trial(), "failed");
          event.put("message", String.valueOf(failure.get().getMessage()));
          end(event, seconds);
        } else if (outcome.isPresent()) {
          end(event(job, outcome.get()), seconds);
        } else if (pruned) {
          SequencedMap<String, Object> event = event(job.trial(), "pruned");
          event.put("step", entry.reported.lastKey());
          event.put("value", best());
          end(event, seconds);
        } else if (!stopping()) {
          throw new IllegalStateException(
              "trial " + job.trial() + " stopped though nobody asked it to");
        }
        Crew.this.notifyAll();
      }
    }

    private void end(SequencedMap<String, Object> event, double seconds) {
      event.put("seconds", seconds);
      write(event);
      tell(listener -> listener.ended(ledger.result(job.trial())));
    }

    private SequencedMap<String, Object> event(Plan.Job job, Outcome outcome) {
      boolean last = job.rung() == rules.plan.rungs() - 1;
      SequencedMap<String, Object> event = Crew.event(job.trial(), last ? "finished" : "reported");
      event.put("step", outcome.step());
      event.put("value", outcome.value());
      outcome.low().ifPresent(low -> event.put("low", low));
      outcome.high().ifPresent(high -> event.put("high", high));
      if (!last) {
        event.put("rung", (long) job.rung());
      }
      return event;
    }

    private SequencedMap<String, Object> event(int trial, String kind) {
      return Crew.event(trial, kind);
    }

    private double best() {
      TreeMap<Long, Double> signed = ledger.signedReports(entry);
      double best =
          signed.values().stream()
              .filter(value -> !value.isNaN())
              .mapToDouble(Double::doubleValue)
              .min()
              .orElse(Double.NaN);
      return ledger.signed(best);
    }

    private boolean prunes() {
      return rules
          .pruner
          .map(pruner -> pruner.stops(ledger.signedReports(entry), ledger.finished()))
          .orElse(false);
    }

    @Override
    public int number() {
      return job.trial();
    }

    @Override
    public SequencedMap<String, Object> values() {
      return new LinkedHashMap<>(entry.values);
    }

    @Override
    public long seed() {
      return rules.trialSeed;
    }

    @Override
    public double share() {
      return job.share();
    }

    @Override
    public boolean report(long step, double value) {
      synchronized (Crew.this) {
        if (!entry.reported.containsKey(step)) {
          SequencedMap<String, Object> event = Crew.event(job.trial(), "reported");
          event.put("step", step);
          event.put("value", value);
          write(event);
        }
        pruned = pruned || entry.reported.lastKey() == step && prunes();
        return pruned;
      }
    }

    @Override
    public boolean stopping() {
      return Crew.this.stopping();
    }
  }
}
