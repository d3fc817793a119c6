package dev.quintet.models.t5;

import dev.quintet.models.json.JsonObject;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.IntStream;

/// What `config.json` says of a task's head: its labels, its dropout and how its loss counts.
///
/// @param labels the labels' names, of which there is one for each output; `id2label`
/// @param dropout probability of the head's dropouts; `classifier_dropout`
/// @param problem the loss of a sequence classifier; `problem_type`. Where there is none, the labels decide
public record TaskHead(List<String> labels, float dropout, Optional<Problem> problem) {
  /// Two labels, no dropout: what holds where `config.json` says nothing.
  public static final TaskHead DEFAULT = of(2);

  // A number in a file does not decide what is allocated.
  private static final int MOST_LABELS = 1 << 20;

  /// Copies the labels and checks.
  ///
  /// @throws IllegalArgumentException if there is no label, the dropout cannot be, or one label is to be a class
  public TaskHead {
    labels = List.copyOf(labels);
    if (labels.isEmpty()) {
      throw new IllegalArgumentException("id2label must name at least one label");
    }
    if (!(dropout >= 0 && dropout < 1)) {
      throw new IllegalArgumentException(
          "classifier_dropout must be from 0 to below 1, not " + dropout);
    }
    if (labels.size() == 1 && problem.equals(Optional.of(Problem.SINGLE_LABEL))) {
      throw new IllegalArgumentException(
          "problem_type " + Problem.SINGLE_LABEL.key() + " needs at least two labels in id2label");
    }
  }

  /// Labels that are called `LABEL_0`, `LABEL_1`, and so on.
  public static TaskHead of(int count) {
    var names = IntStream.range(0, count).mapToObj(i -> "LABEL_" + i).toList();
    return new TaskHead(names, 0, Optional.empty());
  }

  /// Named labels.
  public static TaskHead of(String... names) {
    return new TaskHead(List.of(names), 0, Optional.empty());
  }

  /// Reads the keys `id2label`, `num_labels`, `classifier_dropout` and `problem_type`.
  ///
  /// @throws IllegalArgumentException that names the file and the key
  public static TaskHead of(JsonObject json) {
    int count = json.integer("num_labels").orElse(2);
    if (count < 1 || count > MOST_LABELS) {
      throw json.wrong("num_labels", "from 1 to " + MOST_LABELS, (long) count);
    }
    TaskHead head = of(count);
    Optional<JsonObject> names = json.object("id2label");
    List<String> labels = names.isPresent() ? labels(json, names.get()) : head.labels();
    if (json.integer("num_labels").orElse(labels.size()) != labels.size()) {
      throw json.wrong(
          "num_labels",
          "the number of labels in id2label, " + labels.size(),
          json.integer("num_labels").orElse(0).longValue());
    }
    Optional<Problem> problem =
        json.string("problem_type")
            .map(key ->
                Arrays.stream(Problem.values())
                    .filter(one -> one.key().equals(key))
                    .findFirst()
                    .orElseThrow(() ->
                        json.wrong(
                            "problem_type",
                            "one of " + Arrays.stream(Problem.values()).map(Problem::key).toList(),
                            key)));
    float dropout = json.number("classifier_dropout").orElse(0.0).floatValue();
    try {
      return new TaskHead(labels, dropout, problem);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(json.source() + ": " + e.getMessage(), e);
    }
  }

  private static List<String> labels(JsonObject json, JsonObject names) {
    var byId = new TreeMap<Integer, String>();
    for (String key : names.keys()) {
      int id;
      try {
        id = Integer.parseInt(key);
      } catch (NumberFormatException e) {
        throw json.wrong("id2label", "labels by whole numbers", names);
      }
      byId.put(id, names.string(key).orElse(""));
    }
    if (byId.isEmpty() || byId.firstKey() != 0 || byId.lastKey() != byId.size() - 1) {
      throw json.wrong("id2label", "labels by the numbers from 0 on, none left out", names);
    }
    return List.copyOf(byId.values());
  }

  /// These labels with a dropout.
  public TaskHead withDropout(float probability) {
    return new TaskHead(labels, probability, problem);
  }

  /// These labels with a way to count the loss.
  public TaskHead withProblem(Problem kind) {
    return new TaskHead(labels, dropout, Optional.of(kind));
  }

  /// The keys of `config.json` that say this.
  public Map<String, Object> keys() {
    var ids = new TreeMap<String, Object>();
    var names = new TreeMap<String, Object>();
    for (int id = 0; id < labels.size(); id++) {
      ids.put(labels.get(id), (long) id);
      names.put(Integer.toString(id), labels.get(id));
    }
    var keys = new TreeMap<String, Object>();
    keys.put("id2label", JsonObject.of(names));
    keys.put("label2id", JsonObject.of(ids));
    keys.put("classifier_dropout", dropout);
    problem.ifPresent(kind -> keys.put("problem_type", kind.key()));
    return Collections.unmodifiableMap(keys);
  }

  /// How the loss of a sequence classifier counts; `problem_type`.
  public enum Problem {
    /// Mean squared error of numbers.
    REGRESSION("regression"),
    /// Cross entropy: one label holds.
    SINGLE_LABEL("single_label_classification"),
    /// Binary cross entropy of each label: any number of them hold.
    MULTI_LABEL("multi_label_classification");

    private final String key;

    Problem(String key) {
      this.key = key;
    }

    /// The value in `config.json`.
    public String key() {
      return key;
    }
  }
}
