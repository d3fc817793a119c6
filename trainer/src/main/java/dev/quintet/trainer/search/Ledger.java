package dev.quintet.trainer.search;

import dev.quintet.models.json.JsonObject;
import dev.quintet.trainer.search.TrialResult.State;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.SequencedMap;
import java.util.TreeMap;

/// The state of a search, made of its journal's events alone: a resumed search stands where the killed one stood.
final class Ledger implements Board {
  private final Space space;
  private final int rungs;
  private final boolean higherIsBetter;
  private final List<Entry> entries = new ArrayList<>();
  private boolean exhausted;

  Ledger(Space space, int rungs, boolean higherIsBetter) {
    this.space = space;
    this.rungs = rungs;
    this.higherIsBetter = higherIsBetter;
  }

  /// One trial.
  static final class Entry {
    final SequencedMap<String, Object> values;
    final double[] model;
    final Map<Integer, Double> results = new HashMap<>();
    final TreeMap<Long, Double> reported = new TreeMap<>();
    State state = State.RUNNING;
    boolean busy;
    double value = Double.NaN;
    long step;
    OptionalDouble low = OptionalDouble.empty();
    OptionalDouble high = OptionalDouble.empty();
    String reason = "";

    Entry(SequencedMap<String, Object> values, double[] model) {
      this.values = values;
      this.model = model;
    }
  }

  Entry entry(int trial) {
    return entries.get(trial);
  }

  /// Takes an event in.
  ///
  /// @throws IllegalArgumentException if it cannot follow what came before
  void apply(JsonObject event) {
    int trial = event.required("trial", JsonObject::integer);
    String kind = event.required("event", JsonObject::string);
    if (kind.equals("proposed")) {
      propose(trial, event);
      return;
    }
    if (trial < 0 || trial >= entries.size() || entries.get(trial).state != State.RUNNING) {
      throw event.wrong("trial", "a trial that was proposed and has not ended", (long) trial);
    }
    Entry entry = entries.get(trial);
    switch (kind) {
      case "reported" -> {
        long step = event.required("step", JsonObject::whole);
        if (event.has("rung")) {
          result(entry, event.required("rung", JsonObject::integer), event);
        } else {
          entry.reported.put(step, number(event, "value"));
        }
      }
      case "finished" -> {
        result(entry, rungs - 1, event);
        entry.state = State.FINISHED;
      }
      case "pruned" -> {
        entry.value = number(event, "value");
        entry.step = event.required("step", JsonObject::whole);
        entry.state = State.PRUNED;
      }
      case "failed" -> {
        entry.reason = event.required("message", JsonObject::string);
        entry.state = State.FAILED;
      }
      default -> throw event.wrong("event", "proposed, reported, finished, pruned or failed", kind);
    }
  }

  private void propose(int trial, JsonObject event) {
    if (trial != entries.size()) {
      throw event.wrong("trial", "the next number, " + entries.size(), (long) trial);
    }
    JsonObject object = event.required("values", JsonObject::object);
    var values = new LinkedHashMap<String, Object>();
    object.keysAsWritten().forEach(name -> values.put(name, object.value(name).orElseThrow()));
    space.units(values); // refuses what is of another space, by name
    double[] model =
        event.list("model").orElse(List.of()).stream().mapToDouble(Ledger::number).toArray();
    entries.add(new Entry(values, model));
  }

  private static void result(Entry entry, int rung, JsonObject event) {
    entry.value = number(event, "value");
    entry.step = event.required("step", JsonObject::whole);
    entry.low = end(event, "low");
    entry.high = end(event, "high");
    entry.results.put(rung, entry.value);
  }

  private static OptionalDouble end(JsonObject event, String key) {
    return event
        .value(key)
        .map(Ledger::number)
        .map(OptionalDouble::of)
        .orElse(OptionalDouble.empty());
  }

  private static double number(JsonObject event, String key) {
    return number(
        event
            .value(key)
            .orElseThrow(
                () -> new IllegalArgumentException("the event lacks the key \"" + key + "\"")));
  }

  /// JSON has no numbers that are not finite; they are strings.
  private static double number(Object value) {
    return switch (value) {
      case Number number -> number.doubleValue();
      case String text when List.of("NaN", "Infinity", "-Infinity").contains(text) ->
          Double.parseDouble(text);
      default -> throw new IllegalArgumentException("expected a number, got " + value);
    };
  }

  /// The value where less is better.
  double signed(double value) {
    return higherIsBetter ? -value : value;
  }

  void exhaust() {
    exhausted = true;
  }

  @Override
  public int trials() {
    return entries.size();
  }

  @Override
  public boolean done(int trial, int rung) {
    return entries.get(trial).results.containsKey(rung);
  }

  @Override
  public double result(int trial, int rung) {
    return signed(entries.get(trial).results.getOrDefault(rung, Double.NaN));
  }

  @Override
  public boolean busy(int trial) {
    return entries.get(trial).busy;
  }

  @Override
  public boolean ended(int trial) {
    State state = entries.get(trial).state;
    return state != State.RUNNING;
  }

  @Override
  public boolean exhausted() {
    return exhausted;
  }

  /// What the sampler sees.
  List<Seen> seen() {
    var seen = new ArrayList<Seen>();
    for (int trial = 0; trial < entries.size(); trial++) {
      Entry entry = entries.get(trial);
      Seen.State state =
          entry.state == State.FAILED
              ? Seen.State.FAILED
              : Double.isNaN(entry.value) && entry.state == State.RUNNING
                  ? Seen.State.PENDING
                  : Seen.State.KNOWN;
      seen.add(new Seen(trial, entry.values, signed(entry.value), state, entry.model));
    }
    return seen;
  }

  /// The values that trials which ran to their end had on the way, less being better.
  List<Map<Long, Double>> finished() {
    return entries.stream()
        .filter(entry -> entry.state == State.FINISHED)
        .map(this::signedReports)
        .<Map<Long, Double>>map(reports -> reports)
        .toList();
  }

  TreeMap<Long, Double> signedReports(Entry entry) {
    var signed = new TreeMap<Long, Double>();
    entry.reported.forEach((step, value) -> signed.put(step, signed(value)));
    return signed;
  }

  TrialResult result(int trial) {
    Entry entry = entries.get(trial);
    State state =
        entry.state == State.RUNNING && !entry.results.isEmpty() && !entry.busy
            ? State.DROPPED
            : entry.state;
    return new TrialResult(
        trial,
        entry.values,
        state,
        entry.value,
        entry.step,
        entry.low,
        entry.high,
        entry.reason,
        new TreeMap<>(entry.reported));
  }

  List<TrialResult> results() {
    var results = new ArrayList<TrialResult>();
    for (int trial = 0; trial < entries.size(); trial++) {
      results.add(result(trial));
    }
    return results;
  }
}
