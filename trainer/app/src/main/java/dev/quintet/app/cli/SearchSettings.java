package dev.quintet.app.cli;

import dev.quintet.core.io.JsonText;
import dev.quintet.models.json.JsonObject;
import dev.quintet.trainer.search.MedianPruner;
import dev.quintet.trainer.search.Plan;
import dev.quintet.trainer.search.Sampler;
import dev.quintet.trainer.search.Search;
import dev.quintet.trainer.search.Space;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SequencedMap;
import java.util.stream.Collectors;

/// The settings of `search`: those of `train`, what of them varies, and how it is searched.
///
/// @param json the file
/// @param train the settings of `train` that do not vary
/// @param space what varies
record SearchSettings(JsonObject json, JsonObject train, Space space) {
  /// The keys of the file, and what each takes and means.
  static final SequencedMap<String, String> KEYS = keys();

  /// What all trials have in common, so that they are compared on the same rows by the same score.
  private static final List<String> FIXED =
      List.of(
          "out",
          "train",
          "validation",
          "test",
          "seed",
          "select",
          "recipe",
          "data.files",
          "data.split",
          "evaluate.metrics",
          "evaluate.examples");

  private static SequencedMap<String, String> keys() {
    var keys = new LinkedHashMap<String, String>();
    keys.put(
        "train",
        "an object or a file: the settings of train, but out; with validation, with files that are dealt, or with a recipe");
    keys.put(
        "space",
        "an object: each key of train that varies (a dot leads into an object) with one of uniform [a, b],"
            + " log_uniform [a, b], integer [a, b], log_integer [a, b], choice [...], quantized [a, b, step],"
            + " and perhaps when {\"other key\": value or values}");
    keys.put("out", "a folder, for everything that is written");
    keys.put(
        SearchedScore.KEY,
        "a score: loss, or one of the metrics' in train's evaluate; a trial's value is the best of its evaluations. Default:"
            + " train's select");
    keys.put("sampler", "grid, random, sobol, gaussian_process or tpe. Default: gaussian_process");
    keys.put("trials", "a whole number: how many begin. Default: 30; with hyperband it follows");
    keys.put(
        "plan", "full, halving, hyperband or asha: whether all run to their end. Default: full");
    keys.put("longest", "a whole number: a full trial as a multiple of the shortest. Default: 9");
    keys.put("eta", "a whole number: one in how many goes on. Default: 3");
    keys.put(
        "pruner",
        "an object: {\"startup\": 5, \"warmup\": 0, \"interval\": 1} stops trials that are worse than the median."
            + " Default: none");
    keys.put("workers", "a whole number: trials at a time. Default: 1");
    keys.put("repeats", "a whole number: trainings of a trial, of seeds one apart. Default: 1");
    keys.put("keep", "all, best or none: which trials' folders stay. Default: best");
    keys.put("seed", "a whole number, of what is proposed. Default: 0");
    keys.put(
        "test",
        "as in train: rows kept from all trials, on which the best model alone is scored, once, with predictions-test.jsonl."
            + " Default: train's test, or the test part of files that are dealt");
    return keys;
  }

  /// Which trials' folders stay.
  enum Keep {
    ALL,
    BEST,
    NONE
  }

  /// Reads a file.
  ///
  /// @throws IllegalArgumentException that names the key or parameter that is wrong
  static SearchSettings read(Path file) {
    JsonObject json = JsonObject.read(file);
    SubjectKeys.refuseUnknown(json, KEYS, "search");
    Space space = Space.of(json.required("space", JsonObject::object));
    JsonObject train = SubjectKeys.train(json, false);
    var settings = new SearchSettings(json, settled(json, train), space);
    settings.check();
    return settings;
  }

  /// The settings of `train` with the search's own test part and score.
  private static JsonObject settled(JsonObject json, JsonObject train) {
    JsonObject settled = train;
    if (json.has("test")) {
      if (train.has("test")) {
        throw new IllegalArgumentException(
            json.source() + ": \"test\" stands here and in the settings of train: leave one out");
      }
      settled = settled.with("test", json.value("test").orElseThrow());
    }
    Optional<String> metric = json.string(SearchedScore.KEY);
    return metric.isPresent() ? settled.with("select", metric.get()) : settled;
  }

  private void check() {
    score();
    if (!train.has("validation")
        && train.object("data").filter(data -> data.has("files")).isEmpty()) {
      throw new IllegalArgumentException(
          json.source()
              + ": the settings of train need the key \"validation\", or \"files\" in \"data\" that are dealt: trials are compared by their score on it");
    }
    checkNames(json, space);
    out();
    TrainSettings.of(settings(space.at(middle())));
    sampler();
    keep();
    repeats();
    search();
    if (plan().rungs() > 1) {
      steps();
    }
  }

  /// Refuses parameters that are no keys of `train`.
  static void checkNames(JsonObject json, Space space) {
    for (String name : space.names()) {
      String key = name.split("\\.", 2)[0];
      boolean fixed =
          FIXED.stream()
              .anyMatch(one ->
                  one.equals(name) || name.startsWith(one + ".") || one.startsWith(name + "."));
      if (fixed || !TrainKey.keys().contains(key)) {
        throw new IllegalArgumentException(
            "%s: the parameter \"%s\" is no key of train that can vary%s"
                .formatted(json.source(), name, KeyHint.of(key, TrainKey.keys())));
      }
    }
  }

  private double[] middle() {
    double[] middle = new double[space.dimensions()];
    Arrays.fill(middle, 0.5);
    return middle;
  }

  /// The settings of a trial.
  JsonObject settings(Map<String, Object> values) {
    JsonObject settings = over(json, train, values);
    return every().isPresent() ? settings.with("evaluate_every", every().getAsLong()) : settings;
  }

  /// The length of the shortest trial, where trials have several: after so many steps each is looked at.
  OptionalLong every() {
    return plan().rungs() > 1
        ? OptionalLong.of(Math.max(1, steps() / longest()))
        : OptionalLong.empty();
  }

  int longest() {
    return whole("longest", 9, 1, 1_000_000);
  }

  /// What is otherwise than the settings say, a message each.
  List<String> remarks() {
    var remarks = new ArrayList<String>();
    every()
        .ifPresent(steps ->
            train
                .value("evaluate_every")
                .filter(given -> !given.equals(steps))
                .ifPresent(given ->
                    remarks.add(
                        "evaluate_every is %,d in place of %s: the steps of the shortest trial"
                            .formatted(steps, given))));
    remarks.addAll(TrainSettings.of(settings(space.at(middle()))).remarks());
    return remarks;
  }

  /// Settings of `train` with a trial's values in their places.
  static JsonObject over(JsonObject json, JsonObject train, Map<String, Object> values) {
    List<String> changes =
        values.entrySet().stream()
            .map(one -> one.getKey() + "=" + JsonText.line(one.getValue()))
            .toList();
    return JsonObject.of(json.source(), Overrides.set(train, changes).values());
  }

  Path out() {
    return SubjectKeys.out(json);
  }

  /// What the search is about.
  SearchedScore score() {
    return SearchedScore.of(json, train);
  }

  int repeats() {
    return whole("repeats", 1, 1, 1000);
  }

  int workers() {
    return whole("workers", 1, 1, 1000);
  }

  Keep keep() {
    return word(json, "keep", Keep.class, Keep.BEST);
  }

  /// How many steps a full trial takes, for plans with shorter ones.
  long steps() {
    return train
        .whole("steps")
        .orElseThrow(() ->
            new IllegalArgumentException(
                "%s: the plan \"%s\" has trials of several lengths, for which the settings of train name \"steps\", not epochs"
                    .formatted(json.source(), json.string("plan").orElse("full"))));
  }

  private Sampler.Kind sampler() {
    return word(json, "sampler", Sampler.Kind.class, Sampler.Kind.GAUSSIAN_PROCESS);
  }

  private enum PlanKind {
    FULL,
    HALVING,
    HYPERBAND,
    ASHA
  }

  Plan plan() {
    PlanKind kind = word(json, "plan", PlanKind.class, PlanKind.FULL);
    int trials = whole("trials", 30, 1, 1_000_000);
    int longest = longest();
    int eta = whole("eta", 3, 2, 1000);
    List<String> useless =
        switch (kind) {
          case FULL -> List.of("longest", "eta");
          case HYPERBAND -> List.of("trials", "pruner");
          case HALVING, ASHA -> List.of("pruner");
        };
    for (String key : useless) {
      if (json.has(key)) {
        throw new IllegalArgumentException(
            "%s: the key \"%s\" has no use with the plan \"%s\""
                .formatted(json.source(), key, kind.name().toLowerCase(Locale.ROOT)));
      }
    }
    return switch (kind) {
      case FULL -> new Plan.FullLength(trials);
      case HALVING -> new Plan.Halving(trials, longest, eta);
      case HYPERBAND -> new Plan.Brackets(longest, eta);
      case ASHA -> new Plan.Asha(trials, longest, eta);
    };
  }

  /// The search that the file asks for.
  Search search() {
    var about = new LinkedHashMap<String, Object>();
    about.put("settings", train.values());
    about.put("repeats", (long) repeats());
    Search search =
        Search.of(space)
            .sampler(sampler())
            .plan(plan())
            .seed(json.whole("seed").orElse(0L))
            .trialSeed(train.whole("seed").orElse(0L))
            .workers(workers())
            .higherIsBetter(score().higherIsBetter())
            .about(about);
    json.object("pruner").map(SearchSettings::pruner).ifPresent(search::pruner);
    if (sampler() == Sampler.Kind.GRID) {
      space.grid();
    }
    return search;
  }

  private static MedianPruner pruner(JsonObject pruner) {
    SubjectKeys.refuseUnknown(
        pruner, new LinkedHashMap<>(Map.of("startup", "", "warmup", "", "interval", "")), "search");
    return new MedianPruner(
        pruner.integer("startup").orElse(MedianPruner.DEFAULT.startup()),
        pruner.whole("warmup").orElse(MedianPruner.DEFAULT.warmup()),
        pruner.whole("interval").orElse(MedianPruner.DEFAULT.interval()));
  }

  private int whole(String key, int otherwise, int least, int most) {
    int number = json.integer(key).orElse(otherwise);
    if (number < least || number > most) {
      throw json.wrong(key, "a whole number from %,d to %,d".formatted(least, most), (long) number);
    }
    return number;
  }

  /// One of the words of an enumeration, in lower case.
  static <E extends Enum<E>> E word(JsonObject json, String key, Class<E> kind, E otherwise) {
    Optional<String> given = json.string(key);
    if (given.isEmpty()) {
      return otherwise;
    }
    return Arrays.stream(kind.getEnumConstants())
        .filter(one -> one.name().toLowerCase(Locale.ROOT).equals(given.get()))
        .findFirst()
        .orElseThrow(() ->
            json.wrong(
                key,
                "one of "
                    + Arrays.stream(kind.getEnumConstants())
                        .map(one -> one.name().toLowerCase(Locale.ROOT))
                        .collect(Collectors.joining(", ")),
                given.get()));
  }
}
