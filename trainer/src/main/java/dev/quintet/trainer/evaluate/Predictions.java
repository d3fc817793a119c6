package dev.quintet.trainer.evaluate;

import dev.quintet.core.io.AtomicFile;
import dev.quintet.core.io.JsonText;
import dev.quintet.models.json.JsonObject;
import dev.quintet.trainer.data.MalformedDataException;
import dev.quintet.trainer.data.Sample;
import dev.quintet.trainer.data.TextLines;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;

/// Files of predictions: one JSON object a line.
///
/// `{"id": ..., "source": ..., "targets": [...], "prediction": ..., "scores": {...}, "loss": ..., "tokens": ...,
/// "cut_off": ..., "columns": {...}}`; a number that is not finite is a text.
public final class Predictions {
  private Predictions() {}

  /// Writes a file whole, or not at all.
  ///
  /// @throws java.io.UncheckedIOException if it cannot be written
  public static void write(Path file, List<Prediction> predictions) {
    AtomicFile.write(
        file,
        out -> {
          for (Prediction prediction : predictions) {
            byte[] bytes = (line(prediction) + "\n").getBytes(StandardCharsets.UTF_8);
            out.write(MemorySegment.ofArray(bytes));
          }
        });
  }

  /// A prediction as a line of JSON, without its end.
  public static String line(Prediction prediction) {
    var fields = new LinkedHashMap<String, Object>();
    Sample sample = prediction.sample();
    fields.put("id", sample.id());
    fields.put("source", sample.source());
    fields.put("targets", sample.answers());
    fields.put("prediction", prediction.reply().text());
    fields.put("scores", prediction.scores());
    fields.put("loss", prediction.loss());
    fields.put("tokens", prediction.reply().tokens());
    fields.put("cut_off", prediction.reply().cutOff());
    if (!sample.columns().isEmpty()) {
      fields.put("columns", sample.columns());
    }
    // a line break stands between values alone, since texts have theirs escaped
    return JsonText.of(fields).replaceAll("\\n *", " ");
  }

  /// Reads a file.
  ///
  /// @throws MalformedDataException that names the line, if one is no prediction
  /// @throws java.io.UncheckedIOException if it cannot be read
  public static List<Prediction> read(Path file) {
    var predictions = new ArrayList<Prediction>();
    try (TextLines lines = TextLines.open(file)) {
      for (var line = lines.next(); line.isPresent(); line = lines.next()) {
        if (!line.get().isBlank()) {
          try {
            predictions.add(prediction(JsonObject.parse("a prediction", line.get())));
          } catch (IllegalArgumentException e) {
            throw lines.broken(String.valueOf(e.getMessage()));
          }
        }
      }
    }
    return predictions;
  }

  private static Prediction prediction(JsonObject json) {
    List<String> answers =
        json.required("targets", JsonObject::list).stream()
            .map(item -> {
              if (item instanceof String text) {
                return text;
              }
              throw json.wrong("targets", "a list of texts", item);
            })
            .toList();
    var columns = new LinkedHashMap<String, String>();
    json.object("columns")
        .ifPresent(all -> all.keys().forEach(key -> columns.put(key, text(all, key))));
    var scores = new LinkedHashMap<String, Double>();
    json.object("scores")
        .ifPresent(all -> all.keys().forEach(key -> scores.put(key, number(all, key))));
    var sample =
        new Sample(
            json.string("id").orElse(""), json.string("source").orElse(""), answers, columns);
    var reply =
        new Reply(
            json.required("prediction", JsonObject::string),
            json.integer("tokens").orElse(0),
            json.bool("cut_off").orElse(false));
    return new Prediction(sample, reply, number(json, "loss"), scores);
  }

  private static String text(JsonObject json, String key) {
    return json.value(key).map(String::valueOf).orElse("");
  }

  private static double number(JsonObject json, String key) {
    return switch (json.value(key).orElse("NaN")) {
      case Number number -> number.doubleValue();
      case String text when List.of("NaN", "Infinity", "-Infinity").contains(text) ->
          Double.parseDouble(text);
      case Object other -> throw json.wrong(key, "a number", other);
    };
  }
}
