package dev.quintet.app.report;

import dev.quintet.core.io.AtomicFile;
import dev.quintet.core.io.JsonText;
import dev.quintet.models.json.JsonObject;
import dev.quintet.trainer.data.Sample;
import dev.quintet.trainer.data.TextLines;
import dev.quintet.trainer.evaluate.Answerer;
import dev.quintet.trainer.evaluate.Baselines;
import dev.quintet.trainer.evaluate.Prediction;
import dev.quintet.trainer.evaluate.Reply;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/// What baselines answer to the rows that a model is scored on: `baselines.jsonl`, an object a row with its source and an answer
/// by the name of each baseline. It is written while the training rows are at hand, so that a report can be made again
/// without them.
public final class BaselineAnswers {
  /// The file's name.
  public static final String FILE = "baselines.jsonl";

  /// How many training rows are searched for a nearest one at most; more would take longer than a report should.
  private static final int MOST_ROWS = 200_000;

  private static final String SOURCE = "source";

  private BaselineAnswers() {}

  /// Has all baselines answer what the model of a run was scored on, and writes what they say; nothing where it was not scored,
  /// or there is nothing to learn from.
  ///
  /// @param out the run's folder
  /// @param train what they may learn from
  public static void write(Path out, List<Sample> train) {
    RunFolder folder = RunFolder.read(out);
    if (!train.isEmpty()) {
      folder
          .predictions("test")
          .or(folder::bestValidation)
          .ifPresent(rows -> write(out, train, rows.stream().map(Prediction::sample).toList()));
    }
  }

  private static void write(Path out, List<Sample> train, List<Sample> asked) {
    List<Sample> learned = train.size() <= MOST_ROWS ? train : train.subList(0, MOST_ROWS);
    if (learned.size() < train.size()) {
      System.err.printf(
          Locale.ROOT,
          "baselines learn from the first %,d of %,d training rows%n",
          learned.size(),
          train.size());
    }
    List<String> sources = asked.stream().map(Sample::source).toList();
    var answers = new LinkedHashMap<String, List<Reply>>();
    for (Map.Entry<String, Answerer> baseline : Baselines.all(learned).entrySet()) {
      answers.put(baseline.getKey(), baseline.getValue().answer(sources));
    }
    AtomicFile.write(
        out.resolve(FILE),
        to -> {
          for (int row = 0; row < sources.size(); row++) {
            var line = new LinkedHashMap<String, Object>();
            line.put(SOURCE, sources.get(row));
            for (Map.Entry<String, List<Reply>> one : answers.entrySet()) {
              line.put(one.getKey(), one.getValue().get(row).text());
            }
            String text = JsonText.of(line).replaceAll("\\n *", " ") + "\n";
            to.write(MemorySegment.ofArray(text.getBytes(StandardCharsets.UTF_8)));
          }
        });
  }

  /// What they said to these rows, by the name of each; nothing where it was not written, or of other rows.
  static SequencedMap<String, List<String>> read(Path out, List<Sample> asked) {
    var none = new LinkedHashMap<String, List<String>>();
    if (!Files.isRegularFile(out.resolve(FILE))) {
      return none;
    }
    var answers = new LinkedHashMap<String, List<String>>();
    int row = 0;
    try (TextLines lines = TextLines.open(out.resolve(FILE))) {
      for (var line = lines.next(); line.isPresent(); line = lines.next()) {
        JsonObject json = JsonObject.parse(FILE, line.get());
        if (row == asked.size()
            || !json.string(SOURCE).equals(Optional.of(asked.get(row).source()))) {
          return none;
        }
        for (String name : json.keysAsWritten()) {
          if (!name.equals(SOURCE)) {
            answers
                .computeIfAbsent(name, _ -> new ArrayList<>())
                .add(json.required(name, JsonObject::string));
          }
        }
        row++;
      }
    }
    int rows = row;
    return rows == asked.size() && answers.values().stream().allMatch(all -> all.size() == rows)
        ? answers
        : none;
  }
}
