package dev.quintet.app.report;

import dev.quintet.models.json.JsonObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/// What a run's `log.jsonl` says, added up.
///
/// @param steps the last step that was logged; 0 before the first
/// @param notFinite steps whose loss or gradient was not finite: they changed nothing
/// @param tokens trained on, padding apart
/// @param seconds spent in steps
/// @param memory the most bytes that were in use at one time; nothing where it was not logged
/// @param firstLoss the loss of the first step; NaN where there is none
/// @param lastLoss the loss of the last step
/// @param evaluations in their order
/// @param unread lines that hold no JSON object with a step
record RunCourse(
    long steps,
    long notFinite,
    long tokens,
    double seconds,
    Optional<Long> memory,
    double firstLoss,
    double lastLoss,
    List<Evaluated> evaluations,
    long unread) {

  /// An evaluation.
  record Evaluated(long step, double loss, boolean best, SequencedMap<String, Double> scores) {}

  /// Reads the log of a folder; all is zero where there is none.
  static RunCourse of(Path folder) {
    var reading = new Reading();
    Path file = folder.resolve("log.jsonl");
    if (Files.isRegularFile(file)) {
      try (BufferedReader lines = Files.newBufferedReader(file)) {
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
          reading.line(line);
        }
      } catch (IOException e) {
        throw new UncheckedIOException("cannot read " + file + ": " + e.getMessage(), e);
      }
    }
    return reading.course();
  }

  /// The last evaluation after which the model was the best.
  Optional<Evaluated> best() {
    return evaluations.stream().filter(Evaluated::best).reduce((_, later) -> later);
  }

  private static final class Reading {
    private long steps;
    private long notFinite;
    private long tokens;
    private double seconds;
    private Optional<Long> memory = Optional.empty();
    private double firstLoss = Double.NaN;
    private double lastLoss = Double.NaN;
    private final List<Evaluated> evaluations = new ArrayList<>();
    private long unread;

    void line(String text) {
      if (text.isBlank()) {
        return;
      }
      try {
        JsonObject line = JsonObject.parse("log.jsonl", text);
        long step = line.required("step", JsonObject::whole);
        if (line.has("best")) {
          evaluations.add(
              new Evaluated(
                  step,
                  number(line, "validation_loss"),
                  line.bool("best").orElse(false),
                  line.object("scores").map(Reading::numbers).orElseGet(LinkedHashMap::new)));
        } else if (line.has("rate")) {
          step(step, line);
        }
      } catch (IllegalArgumentException e) {
        unread++;
      }
    }

    private void step(long step, JsonObject line) {
      double loss = number(line, "loss");
      firstLoss = steps == 0 ? loss : firstLoss;
      lastLoss = loss;
      steps = Math.max(steps, step);
      notFinite += Double.isNaN(loss) || Double.isNaN(number(line, "norm")) ? 1 : 0;
      tokens += line.whole("tokens").orElse(0L);
      seconds += line.number("seconds").orElse(0.0);
      memory =
          line.whole("memory").map(bytes -> Math.max(bytes, memory.orElse(0L))).or(() -> memory);
    }

    /// A number, which is null in the log where it was not finite.
    private static double number(JsonObject line, String key) {
      return line.value(key).orElse("") instanceof Number number
          ? number.doubleValue()
          : Double.NaN;
    }

    private static SequencedMap<String, Double> numbers(JsonObject scores) {
      var numbers = new LinkedHashMap<String, Double>();
      scores.keysAsWritten().forEach(key -> numbers.put(key, number(scores, key)));
      return numbers;
    }

    RunCourse course() {
      return new RunCourse(
          steps,
          notFinite,
          tokens,
          seconds,
          memory,
          firstLoss,
          lastLoss,
          List.copyOf(evaluations),
          unread);
    }
  }

  /// The same numbers as JSON.
  Map<String, Object> json() {
    var json = new LinkedHashMap<String, Object>();
    json.put("steps", steps);
    json.put("steps_not_finite", notFinite);
    json.put("tokens", tokens);
    json.put("seconds", seconds);
    memory.ifPresent(bytes -> json.put("peak_bytes", bytes));
    json.put("first_loss", firstLoss);
    json.put("last_loss", lastLoss);
    json.put("unread_lines", unread);
    json.put(
        "evaluations",
        evaluations.stream()
            .map(one -> {
              var each = new LinkedHashMap<String, Object>();
              each.put("step", one.step);
              each.put("loss", one.loss);
              each.put("best", one.best);
              each.put("scores", one.scores);
              return each;
            })
            .toList());
    return json;
  }
}
