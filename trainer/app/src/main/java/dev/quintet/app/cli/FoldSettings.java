package dev.quintet.app.cli;

import dev.quintet.models.json.JsonObject;
import dev.quintet.trainer.metric.Metric;
import dev.quintet.trainer.score.Metrics;
import dev.quintet.trainer.search.Sampler;
import dev.quintet.trainer.search.Search;
import dev.quintet.trainer.search.Space;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/// The settings of `cross-validate`: those of `train`, and how rows are dealt into folds.
///
/// @param json the file
/// @param train the settings of `train`
record FoldSettings(JsonObject json, JsonObject train) {
  /// The keys of the file, and what each takes and means.
  static final SequencedMap<String, String> KEYS = keys();

  private static final List<String> OF_SEARCH = List.of("sampler", "trials", "inner");

  private static SequencedMap<String, String> keys() {
    var keys = new LinkedHashMap<String, String>();
    keys.put(
        "train",
        "an object or a file: the settings of train, but out, with recipe too; its train, or files in its data, name all rows, and it"
            + " has no validation and test");
    keys.put("out", "a folder, for everything that is written");
    keys.put("k", "a whole number: how many folds. Default: 5");
    keys.put("repeats", "a whole number: how often all is dealt and done. Default: 1");
    keys.put("seed", "a whole number, of the dealing; repeat r takes seed + r. Default: 0");
    keys.put("strata", "a column whose values each fold has its share of. Default: none");
    keys.put("group", "a column whose values are never torn apart. Default: none");
    keys.put(
        "duplicates",
        "together or apart: whether rows with the same words in their sources stay in one fold. Default: together");
    keys.put(
        "hold_out",
        "a number above 0 and below 1: the share of a fold's training rows that chooses its best model. Default: 0.1");
    keys.put(
        "metrics",
        "a list of "
            + String.join(", ", Metrics.names())
            + ", or objects such as {\"name\": \"rouge\", \"stemmer\": true}: scores of answers, beside the loss. Default: those of"
            + " train's evaluate, else [\"exact\"]");
    keys.put("compare", "the report.json of another system on the same folds. Default: none");
    keys.put(
        "space",
        "as in search: each fold first chooses its settings, on folds of its own training rows");
    keys.put("sampler", "as in search, with space");
    keys.put("trials", "a whole number: trials a fold, with space. Default: 10");
    keys.put("inner", "a whole number: folds inside a fold, with space. Default: 3");
    return keys;
  }

  /// Reads a file.
  ///
  /// @throws IllegalArgumentException that names the key that is wrong
  static FoldSettings read(Path file) {
    JsonObject json = JsonObject.read(file);
    SubjectKeys.refuseUnknown(json, KEYS, "cross-validate");
    var settings = new FoldSettings(json, SubjectKeys.train(json, true));
    settings.check();
    return settings;
  }

  private void check() {
    for (String part : List.of("validation", "test")) {
      if (train.has(part)) {
        throw new IllegalArgumentException(
            "%s: the settings of train have no \"%s\" here: each fold holds out rows of its own"
                .formatted(json.source(), part));
      }
    }
    train
        .object("data")
        .filter(data -> data.bool("stream").orElse(false))
        .ifPresent(data -> {
          throw train.wrong("data", "without \"stream\" where rows are dealt into folds", data);
        });
    score();
    if (train.string("objective").equals(Optional.of("span_corruption"))) {
      throw train.wrong("objective", "seq2seq for folds", "span_corruption");
    }
    out();
    TrainSettings.of(train);
    metrics();
    k();
    repeats();
    holdOut();
    together();
    Optional<Space> space = space();
    for (String key : OF_SEARCH) {
      if (space.isEmpty() && json.has(key)) {
        throw new IllegalArgumentException(
            "%s: the key \"%s\" has no use without \"space\"".formatted(json.source(), key));
      }
    }
    space.ifPresent(one -> {
      SearchSettings.checkNames(json, one);
      search(one);
      inner();
    });
  }

  Path out() {
    return SubjectKeys.out(json);
  }

  int k() {
    return whole("k", 5, 2);
  }

  int repeats() {
    return whole("repeats", 1, 1);
  }

  int inner() {
    return whole("inner", 3, 2);
  }

  long seed() {
    return json.whole("seed").orElse(0L);
  }

  Optional<String> strata() {
    return json.string("strata");
  }

  Optional<String> group() {
    return json.string("group");
  }

  boolean together() {
    String word = json.string("duplicates").orElse("together");
    if (!List.of("together", "apart").contains(word)) {
      throw json.wrong("duplicates", "together or apart", word);
    }
    return word.equals("together");
  }

  double holdOut() {
    double share = json.number("hold_out").orElse(0.1);
    if (!(share > 0 && share < 1)) {
      throw json.wrong("hold_out", "a number above 0 and below 1", share);
    }
    return share;
  }

  List<Metric> metrics() {
    if (json.has("metrics")) {
      return EvaluateSettings.metrics(json, "metrics");
    }
    List<Metric> evaluated = EvaluateSettings.metrics(train);
    return evaluated.isEmpty() ? List.of(Metrics.named("exact")) : evaluated;
  }

  /// By what a fold chooses its settings: what its trainings choose their best model by.
  SearchedScore score() {
    return SearchedScore.of(JsonObject.of(json.source(), Map.<String, Object>of()), train);
  }

  /// Keys that change nothing here, a message each.
  List<String> remarks() {
    var remarks = new ArrayList<>(TrainSettings.of(train).remarks());
    for (String key : List.of("split", "leakage")) {
      if (train.object("data").filter(data -> data.has(key)).isPresent()) {
        remarks.add("data." + key + " changes nothing: rows are dealt into folds");
      }
    }
    return remarks;
  }

  Optional<Path> compare() {
    return json.string("compare").map(Path::of);
  }

  Optional<Space> space() {
    return json.object("space").map(Space::of);
  }

  /// The search inside a fold.
  Search search(Space space) {
    return Search.of(space)
        .sampler(
            SearchSettings.word(json, "sampler", Sampler.Kind.class, Sampler.Kind.GAUSSIAN_PROCESS))
        .higherIsBetter(score().higherIsBetter())
        .trials(whole("trials", 10, 1))
        .seed(seed())
        .trialSeed(train.whole("seed").orElse(0L))
        .resume();
  }

  /// The settings of `train` with other values.
  JsonObject settings(Map<String, Object> values) {
    return values.isEmpty() ? train : SearchSettings.over(json, train, values);
  }

  /// What has to be the same when a cross validation goes on.
  SequencedMap<String, Object> record() {
    var record = new LinkedHashMap<String, Object>();
    json.keysAsWritten().stream()
        .filter(key -> !List.of("out", "compare", "train").contains(key))
        .forEach(key -> record.put(key, json.value(key).orElseThrow()));
    record.put("train", train.values());
    return record;
  }

  private int whole(String key, int otherwise, int least) {
    int number = json.integer(key).orElse(otherwise);
    if (number < least || number > 1_000_000) {
      throw json.wrong(key, "a whole number from %d to 1,000,000".formatted(least), (long) number);
    }
    return number;
  }
}
