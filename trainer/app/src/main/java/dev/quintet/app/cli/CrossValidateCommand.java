package dev.quintet.app.cli;

import dev.quintet.core.io.AtomicFile;
import dev.quintet.core.io.JsonText;
import dev.quintet.core.shape.Device;
import dev.quintet.models.json.JsonObject;
import dev.quintet.trainer.folds.Folds;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `cross-validate`: trains on parts of the rows and scores on the others, each row being held out once.
@Command(
    name = "cross-validate",
    description = {
      "Deals the rows into folds, trains without each of them and scores on it, and says what the scores mean together.",
      "OUT/folds holds each fold's training, result and predictions, OUT/report.json the summary."
    },
    mixinStandardHelpOptions = true,
    versionProvider = VersionText.class)
final class CrossValidateCommand implements Callable<Integer> {
  private static final String RECORD = "cross-validation.json";
  private static final String REPORT = "report.json";
  private static final String FOLDS = "folds";

  @Spec private CommandSpec spec;

  @Option(names = "--config", required = true, paramLabel = "FILE", description = "The JSON file.")
  private Path config;

  @Option(
      names = "--resume",
      description = "Go on with the folds in OUT; where there are none yet, start.")
  private boolean resume;

  @Mixin private Compute compute;

  /// Made by picocli.
  CrossValidateCommand() {}

  @Override
  public Integer call() throws IOException {
    FoldSettings settings = FoldSettings.read(config);
    settings.compare().ifPresent(JsonObject::read);
    settings.remarks().forEach(System.err::println);
    FoldRows rows = FoldRows.read(settings);
    List<Folds> dealt = deal(settings, rows);
    Device device = compute.device();
    Path out = settings.out();
    try (var folder =
            SubjectFolder.take(
                "cross validation", out, RECORD, resume, List.of(RECORD, REPORT, FOLDS));
        var interruption = new Interruption()) {
      begin(settings, rows, folder);
      interruption.enter();
      var training =
          new FoldTraining(
              settings, rows, out.resolve(FOLDS), device, interruption, new NewRemarks());
      var results = new ArrayList<JsonObject>();
      var predictions = new ArrayList<Path>();
      for (int repeat = 0; repeat < dealt.size(); repeat++) {
        for (int fold = 0; fold < settings.k(); fold++) {
          Optional<JsonObject> result =
              interruption.getAsBoolean()
                  ? Optional.empty()
                  : training.run(dealt.get(repeat), repeat, fold);
          if (result.isEmpty()) {
            System.err.println("interrupted; finished folds stay, --resume continues");
            return Interruption.EXIT_CODE;
          }
          say(result.get(), settings.k(), dealt.size());
          results.add(result.get());
          predictions.add(training.predictions(repeat, fold));
        }
      }
      var report = new FoldReport(results, settings.metrics(), predictions, warnings(dealt));
      report.write(out.resolve(REPORT), settings.compare());
      PrintWriter to = spec.commandLine().getOut();
      to.print(report.text(settings.compare()));
      to.println("report: " + out.resolve(REPORT));
      to.flush();
      return 0;
    }
  }

  private static List<Folds> deal(FoldSettings settings, FoldRows rows) {
    var dealt = new ArrayList<Folds>();
    for (int repeat = 0; repeat < settings.repeats(); repeat++) {
      dealt.add(rows.deal(settings.k(), settings.seed() + repeat));
    }
    warnings(dealt).forEach(System.err::println);
    return dealt;
  }

  private static List<String> warnings(List<Folds> dealt) {
    var warnings = new LinkedHashSet<String>();
    for (int repeat = 0; repeat < dealt.size(); repeat++) {
      warnings.addAll(dealt.get(repeat).warnings());
      for (int before = 0; before < repeat; before++) {
        if (dealt.get(repeat).sameParts(dealt.get(before))) {
          warnings.add(
              "repeats %d and %d have the same folds: groups leave nothing to deal anew"
                  .formatted(before, repeat));
        }
      }
    }
    return List.copyOf(warnings);
  }

  private static void begin(FoldSettings settings, FoldRows rows, SubjectFolder folder) {
    Path record = folder.record();
    var now = settings.record();
    now.put("rows", (long) rows.size());
    now.put("rows_sha256", rows.hash());
    JsonObject written = JsonObject.parse(record.toString(), JsonText.of(now));
    if (folder.begun()) {
      folder.requireSame(JsonObject.read(record), written);
    } else {
      AtomicFile.write(record, JsonText.of(now) + "\n");
    }
  }

  private static void say(JsonObject result, int k, int repeats) {
    System.err.printf(
        Locale.ROOT,
        "fold %d of %d%s: %s%n",
        result.required("fold", JsonObject::integer) + 1,
        k,
        repeats > 1 ? ", repeat " + result.required("repeat", JsonObject::integer) : "",
        JsonText.line(result.required("scores", JsonObject::object)));
  }
}
