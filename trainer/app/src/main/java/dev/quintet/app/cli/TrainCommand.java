package dev.quintet.app.cli;

import dev.quintet.app.report.RunReport;
import dev.quintet.core.shape.Device;
import dev.quintet.models.adapt.AdapterFolder;
import dev.quintet.models.json.JsonObject;
import dev.quintet.trainer.loop.TrainingResult;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `train`: trains a model on the user's data.
@Command(
    name = "train",
    description = {
      "Trains a model on pairs of texts, or on running text, as a JSON file says.",
      "OUT/best and OUT/last are model folders (of adapters where one is trained), OUT/log.jsonl and OUT/loss.png show the course, OUT/report.html says what came of it."
    },
    mixinStandardHelpOptions = true,
    versionProvider = VersionText.class)
final class TrainCommand implements Callable<Integer> {

  private static final int SHOWN = 5;

  @Spec private CommandSpec spec;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "The JSON file; needed unless there is a recipe.")
  private @Nullable Path config;

  @Option(
      names = "--recipe",
      paramLabel = "NAME",
      description = {
        "Settings for a usual task (recipes lists them), over which the file's are laid; the file's key recipe does the same."
            + " Where nobody names a model or data, a small model learns from the recipe's own rows, in OUT/rows."
      })
  private @Nullable String recipe;

  @Option(
      names = "--example",
      description = "Try the recipe on real input, the methods of the JDK's sources.")
  private boolean example;

  @Option(names = "--out", paramLabel = "FOLDER", description = "The same as --set out=FOLDER.")
  private @Nullable Path into;

  @Option(
      names = "--resume",
      description = "Continue the run in OUT; where nothing was saved yet, start it.")
  private boolean resume;

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = {
        "Sets a key over the file's: --set learning_rate=3e-4, --set optimizer.name=adafactor. A dot leads into an object;"
            + " the value is JSON, or else a text."
      })
  private List<String> set = List.of();

  @Mixin private Compute compute;

  /// Made by picocli.
  TrainCommand() {}

  @Override
  public Integer call() throws IOException {
    JsonObject asked = asked();
    Device device = compute.device();
    TrainSettings settings = TrainSettings.of(resolved(asked));
    Path out = settings.out();
    settings.remarks().forEach(spec.commandLine().getErr()::println);
    var progress = new TrainingProgress("training");
    try (var interruption = new Interruption()) {
      TrainRun run =
          TrainRun.of(settings)
              .listener(new MemoryLine(device, System.err::println))
              .listener(progress)
              .listener(new LossPicture("loss", out.resolve("log.jsonl"), out.resolve("loss.png")))
              .stopWhen(interruption)
              .whenReady(interruption::enter)
              .resume(resume)
              .reports(true);
      TrainingResult result = run.run(out, device);
      if (result.stopped()) {
        System.err.printf(
            Locale.ROOT,
            "interrupted after step %,d; a checkpoint is written, --resume continues%n",
            result.steps());
        return interruption.getAsBoolean() ? Interruption.EXIT_CODE : 0;
      }
      report(result, settings.json().string("select").orElse(""), out);
      return 0;
    } finally {
      progress.close();
    }
  }

  /// What the file and the command line say.
  private JsonObject asked() {
    JsonObject file =
        config == null
            ? JsonObject.of("the command line", Map.<String, Object>of())
            : JsonObject.read(config);
    if (into != null) {
      file = Overrides.over(file, JsonObject.of("--out", Map.of("out", into.toString())));
    }
    return Overrides.set(file, set);
  }

  private JsonObject resolved(JsonObject asked) throws IOException {
    String name = recipe == null ? asked.string(RecipeSettings.KEY).orElse("") : recipe;
    if (name.isEmpty()) {
      if (config == null || example) {
        throw new IllegalArgumentException(
            config == null
                ? "train needs --config FILE or --recipe NAME (recipes lists them)"
                : "--example needs a recipe (recipes lists them)");
      }
      return asked;
    }
    var chosen = RecipeSettings.of(asked, name, example);
    if (chosen.practises()) {
      spec.commandLine()
          .getErr()
          .println(
              "the recipe "
                  + name
                  + (example
                      ? " on methods of the JDK's sources"
                      : " on rows of its own, since neither a model nor data is named")
                  + ", with a small model from random weights");
    }
    return chosen.resolved();
  }

  private void report(TrainingResult result, String select, Path out) {
    PrintWriter to = spec.commandLine().getOut();
    if (result.stepsHere() == 0) {
      to.println("nothing left to do: the run in " + out + " is finished");
    } else {
      to.printf(
          Locale.ROOT, "%,d steps, %,.0f tokens/s%n", result.steps(), result.tokensPerSecond());
    }
    if (!result.validation().isEmpty()) {
      to.printf(
          Locale.ROOT,
          "validation loss %.4f at the start, %.4f at the end; %s%n",
          result.validation().getFirst().loss(),
          result.validation().getLast().loss(),
          result.bestStep() < 0
              ? "never finite, so there is no best model"
              : "best after step %,d".formatted(result.bestStep()));
    }
    result.validation().stream()
        .filter(one -> one.step() == result.bestStep() && !one.scores().isEmpty())
        .forEach(one ->
            to.println("validation scores of the best: " + scores(one.scores(), select, out)));
    switch (result.end()) {
      case NO_PROGRESS -> to.println("ended early: no evaluation made progress any more");
      case CALLBACK -> to.println("ended early, as a callback asked");
      case COMPLETE, STOPPED -> {}
    }
    result
        .test()
        .ifPresent(test ->
            to.printf(
                Locale.ROOT,
                "test: loss %.4f on %,d rows by the model after step %,d%s%s%n",
                test.loss(),
                test.rows(),
                test.step(),
                test.scores().isEmpty() ? "" : "; " + scores(test.scores(), select, out),
                test.looks() > 1
                    ? "; the test part has been looked at %d times".formatted(test.looks())
                    : ""));
    if (result.skippedHere() > 0) {
      to.printf(
          Locale.ROOT,
          "%,d of the %,d steps changed nothing: their loss or gradient was not finite%n",
          result.skippedHere(),
          result.stepsHere());
    }
    to.println("report: " + out.resolve(RunReport.PAGE));
    to.println(
        (AdapterFolder.holdsAdapter(out.resolve("last")) ? "adapters: " : "models: ")
            + Stream.of("best", "last", "ema")
                .map(out::resolve)
                .filter(Files::isDirectory)
                .map(Path::toString)
                .collect(Collectors.joining(", ")));
    to.flush();
  }

  /// A few scores, the one that chooses the best model before all, and where the others stand.
  private static String scores(Map<String, Double> scores, String select, Path out) {
    List<String> names = new ArrayList<>(scores.keySet());
    if (names.remove(select)) {
      names.addFirst(select);
    }
    String shown =
        names.stream()
            .limit(SHOWN)
            .map(name ->
                String.format(Locale.ROOT, "%s %.4f", name, scores.getOrDefault(name, Double.NaN)))
            .collect(Collectors.joining(", "));
    return names.size() <= SHOWN
        ? shown
        : shown + " and %d more in %s".formatted(names.size() - SHOWN, out.resolve(RunReport.PAGE));
  }
}
