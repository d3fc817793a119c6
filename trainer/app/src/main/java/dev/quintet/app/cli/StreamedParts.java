package dev.quintet.app.cli;

import dev.quintet.models.json.JsonObject;
import dev.quintet.tokenizers.Tokenizer;
import dev.quintet.trainer.data.Example;
import dev.quintet.trainer.data.Examples;
import dev.quintet.trainer.data.FileExamples;
import dev.quintet.trainer.data.Pairs;
import dev.quintet.trainer.data.Sample;
import dev.quintet.trainer.data.TextLines;
import dev.quintet.trainer.data.TextPair;
import dev.quintet.trainer.loop.Trainer;
import dev.quintet.trainer.prepare.DataReport;
import dev.quintet.trainer.prepare.Part;
import dev.quintet.trainer.rows.RowFiles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;

/// Parts that are too large for memory: prepared into files beside the run, from which examples are read when a step takes
/// them.
///
/// @param settings of the run, which say how long examples may be
/// @param folder of the parts
/// @param say told what went on the way
record StreamedParts(JsonObject settings, Path folder, Consumer<String> say) {
  /// The most rows of the validation part, and of the test part, that are scored.
  private static final long SCORED = 10_000;

  /// Has a trainer prepare the files when its run begins.
  void apply(
      Trainer trainer,
      PreparationSettings how,
      Optional<RowFiles> dealt,
      Map<Part, RowFiles> parts) {
    int maxSource = settings.integer("max_source").orElse(512);
    int maxTarget = settings.integer("max_target").orElse(128);
    trainer.encoded(
        tokenizer -> {
          DataReport report =
              PartFiles.write(folder, how.preparation(), dealt, parts, how.form().several());
          DataCommand.lines(report).forEach(say);
          report.remarks().forEach(say);
          say.accept(
              "what is longer than max_source or max_target is cut, and not counted: the rows are streamed");
          return examples(tokenizer, maxSource, maxTarget, how.shuffleBuffer());
        },
        () -> scored(Part.VALIDATION),
        () -> scored(Part.TEST));
  }

  private Examples examples(Tokenizer tokenizer, int maxSource, int maxTarget, OptionalInt buffer) {
    return new FileExamples(
        PartFiles.file(folder, Part.TRAIN),
        line -> example(line, tokenizer, maxSource, maxTarget),
        maxSource + " " + maxTarget,
        buffer);
  }

  /// Rows of a part, evenly spread over it, as many as are scored.
  private Pairs scored(Part part) {
    Path file = PartFiles.file(folder, part);
    if (!Files.exists(file)) {
      return Pairs.of(List.of());
    }
    long all = count(file);
    long most = Math.min(all, SCORED);
    if (most < all) {
      say.accept(
          String.format(
              Locale.ROOT,
              "%s: %,d of %,d rows are scored, evenly spread: the rows are streamed, and what is scored stays in memory",
              part.word(),
              most,
              all));
    }
    var samples = new ArrayList<Sample>();
    try (TextLines lines = TextLines.open(file)) {
      for (var line = lines.next(); line.isPresent(); line = lines.next()) {
        if (lines.number() - 1 == samples.size() * all / most) {
          samples.add(sample(line.get()));
        }
      }
    }
    return Pairs.ofSamples(samples);
  }

  private static long count(Path file) {
    try (TextLines lines = TextLines.open(file)) {
      while (lines.next().isPresent()) {}
      return lines.number();
    }
  }

  private static Sample sample(String line) {
    JsonObject row = JsonObject.parse("a prepared row", line);
    List<String> answers =
        row.value("target").orElseThrow() instanceof List<?> list
            ? list.stream().map(String.class::cast).toList()
            : List.of(row.required("target", JsonObject::string));
    var columns = new LinkedHashMap<String, String>();
    for (String key : row.keys()) {
      if (!List.of("id", "source", "target").contains(key)) {
        columns.put(key, row.required(key, JsonObject::string));
      }
    }
    return new Sample(
        row.required("id", JsonObject::string),
        row.required("source", JsonObject::string),
        answers,
        columns);
  }

  private static Example example(String line, Tokenizer tokenizer, int maxSource, int maxTarget) {
    TextPair pair = sample(line).pair();
    return new Example(
        Pairs.cut(tokenizer.source().encode(pair.source()).ids(), maxSource, tokenizer.source()),
        Pairs.cut(tokenizer.encode(pair.target()).ids(), maxTarget, tokenizer));
  }
}
