package dev.quintet.app.cli;

import dev.quintet.models.json.JsonObject;
import dev.quintet.trainer.prepare.DataReport;
import dev.quintet.trainer.prepare.Part;
import dev.quintet.trainer.prepare.Stage;
import dev.quintet.trainer.rows.RowFiles;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `data`: makes of files of rows the parts that a model is trained and scored on.
@Command(
    name = "data",
    description = {
      "Reads rows (JSON lines, JSON, CSV, TSV, text; gzipped or not), cleans them, drops duplicates, deals them to parts for"
          + " training, validation and test, and removes from the first what leaks from the others.",
      "OUT gets train.jsonl, validation.jsonl and test.jsonl, which train takes, and data.json, which says what went and why.",
      "  quintet data rows/*.csv --source \"{title} {body}\" --target tags --out prepared"
    },
    mixinStandardHelpOptions = true,
    versionProvider = VersionText.class)
final class DataCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;

  @Parameters(
      arity = "0..*",
      paramLabel = "FILE",
      description = "Files, folders or patterns, in place of the key files.")
  private List<String> files = List.of();

  @Option(names = "--config", paramLabel = "FILE", description = "A JSON file with keys.")
  private Optional<Path> config = Optional.empty();

  @Option(
      names = "--source",
      paramLabel = "COLUMN|TEMPLATE",
      description = "What the model reads; over the file's.")
  private Optional<String> source = Optional.empty();

  @Option(
      names = "--target",
      paramLabel = "COLUMN|TEMPLATE",
      description = "What it should say; over the file's.")
  private Optional<String> target = Optional.empty();

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "The folder to write; over the file's.")
  private Optional<String> out = Optional.empty();

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = {
        "Sets a key over the file's: --set near_duplicates=drop, --set split.by=group. A dot leads into an object; the value is"
            + " JSON, or else a text."
      })
  private List<String> set = List.of();

  /// Made by picocli.
  DataCommand() {}

  @Override
  public Integer call() {
    JsonObject json =
        config
            .map(JsonObject::read)
            .orElse(JsonObject.of("the command line", Map.<String, Object>of()));
    if (!files.isEmpty()) {
      json = json.with("files", List.copyOf(files));
    }
    json = with(with(with(json, "source", source), "target", target), "out", out);
    json = Overrides.set(json, set, DataKey.keys(), "data");
    DataKey.refuseForTraining(json);
    boolean text = json.string("format").filter("text"::equals).isPresent();
    var settings =
        new PreparationSettings(json, text ? "text" : "source", text ? "text" : "target")
            .check(DataKey.keys());
    if (json.string("out").filter(name -> !name.isBlank()).isEmpty()) {
      throw new IllegalArgumentException(
          json.source() + ": the key \"out\" (--out) is needed: it names the folder to write");
    }
    Path folder = Path.of(json.required("out", JsonObject::string));
    Optional<RowFiles> dealt = settings.files("files");
    Map<Part, RowFiles> parts = PreparationSettings.parts(json, settings);
    if (dealt.isEmpty() && !parts.containsKey(Part.TRAIN)) {
      throw new IllegalArgumentException(
          json.source() + ": no files to read; name them, or with the key \"files\" or \"train\"");
    }
    boolean several = json.bool("lists").orElse(false) && settings.form().several();
    DataReport report = PartFiles.write(folder, settings.preparation(), dealt, parts, several);
    print(report, folder);
    return 0;
  }

  private static JsonObject with(JsonObject json, String key, Optional<String> value) {
    return value.map(given -> json.with(key, given)).orElse(json);
  }

  private void print(DataReport report, Path folder) {
    PrintWriter to = spec.commandLine().getOut();
    for (String line : lines(report)) {
      to.println(line);
    }
    report.remarks().forEach(spec.commandLine().getErr()::println);
    to.println("written to " + folder + ": " + PartFiles.REPORT + " says what went and why");
    to.flush();
  }

  /// What a person wants to know of a preparation.
  static List<String> lines(DataReport report) {
    var lines = new ArrayList<String>();
    report
        .sources()
        .forEach(file ->
            lines.add(
                String.format(
                    Locale.ROOT,
                    "%s: %,d rows, %s",
                    file.file(),
                    file.rows(),
                    Sizes.of(file.bytes()))));
    for (Stage stage : report.stages()) {
      if (stage.name().equals("split")) {
        continue;
      }
      stage
          .reasons()
          .forEach((reason, rows) -> {
            lines.add(String.format(Locale.ROOT, "%s: %,d %s", stage.name(), rows, reason));
            stage.examples(reason).stream().limit(1).forEach(e -> lines.add("    " + e));
          });
      if (stage.in() > stage.out()) {
        lines.add(
            String.format(
                Locale.ROOT,
                "%s: %,d of %,d rows are dropped",
                stage.name(),
                stage.in() - stage.out(),
                stage.in()));
      }
    }
    report
        .parts()
        .forEach((part, rows) ->
            lines.add(String.format(Locale.ROOT, "%s: %,d rows", part.word(), rows)));
    return lines;
  }
}
