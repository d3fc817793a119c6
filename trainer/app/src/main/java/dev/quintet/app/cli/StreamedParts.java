package dev.quintet.app.cli;

import dev.quintet.models.json.JsonObject;
import dev.quintet.tokenizers.Tokenizer;
import dev.quintet.trainer.data.Example;
import dev.quintet.trainer.data.Examples;
import dev.quintet.trainer.data.FileExamples;
import dev.quintet.trainer.data.Pairs;
import dev.quintet.trainer.loop.Trainer;
import dev.quintet.trainer.prepare.DataReport;
import dev.quintet.trainer.prepare.Part;
import dev.quintet.trainer.rows.RowFiles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/// Parts that are too large for memory: prepared into files beside the run, from which examples are read when a step takes
/// them.
///
/// @param settings of the run, which say how long examples may be
/// @param folder of the parts
/// @param say told what went on the way
record StreamedParts(JsonObject settings, Path folder, Consumer<String> say) {

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
          if (report.rows(Part.TEST) > 0) {
            say.accept(
                "the test part is not scored, for the rows are streamed: "
                    + PartFiles.file(folder, Part.TEST));
          }
          say.accept(
              "what is longer than max_source or max_target is cut, and not counted: the rows are streamed");
          return examples(Part.TRAIN, tokenizer, maxSource, maxTarget);
        },
        tokenizer -> examples(Part.VALIDATION, tokenizer, maxSource, maxTarget));
  }

  private Examples examples(Part part, Tokenizer tokenizer, int maxSource, int maxTarget) {
    Path file = PartFiles.file(folder, part);
    return Files.exists(file)
        ? new FileExamples(
            file,
            line -> example(line, tokenizer, maxSource, maxTarget),
            maxSource + " " + maxTarget)
        : Examples.of(List.of());
  }

  private static Example example(String line, Tokenizer tokenizer, int maxSource, int maxTarget) {
    JsonObject row = JsonObject.parse("a prepared row", line);
    String target =
        row.value("target").orElseThrow() instanceof List<?> list
            ? (String) list.getFirst()
            : row.required("target", JsonObject::string);
    return new Example(
        Pairs.cut(
            tokenizer.encode(row.required("source", JsonObject::string)).ids(),
            maxSource,
            tokenizer),
        Pairs.cut(tokenizer.encode(target).ids(), maxTarget, tokenizer));
  }
}
