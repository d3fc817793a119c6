package dev.quintet.app.cli;

import dev.quintet.app.report.Words;
import dev.quintet.app.tuning.Comparison;
import dev.quintet.app.tuning.Design;
import dev.quintet.app.tuning.Trial;
import dev.quintet.app.tuning.TrialResult;
import dev.quintet.app.tuning.TuningReport;
import dev.quintet.core.io.JsonText;
import dev.quintet.core.shape.Device;
import dev.quintet.models.json.JsonObject;
import dev.quintet.trainer.loop.TrainingException;
import dev.quintet.trainer.search.Journal;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `compare-tuning`: tunes one base in several ways on several tasks, and puts side by side what comes of it.
@Command(
    name = "compare-tuning",
    description = {
      "Tunes one base by several methods on several tasks with several seeds, and compares scores, sizes, memory, time and"
          + " convergence; carries adapters from task to task; and says whether the ranking of Ding and others (2023) holds.",
      "OUT/trials.jsonl is the journal, OUT/report.html, OUT/report.json and OUT/curves.png the result; OUT/trials and"
          + " OUT/transfer hold the trainings."
    },
    mixinStandardHelpOptions = true,
    versionProvider = VersionText.class)
final class CompareTuningCommand implements Callable<Integer> {
  private static final String JOURNAL = "trials.jsonl";
  private static final List<String> WRITTEN =
      List.of(
          JOURNAL,
          "trials",
          "transfer",
          TuningPace.TIMING,
          TuningReport.PAGE,
          TuningReport.NUMBERS,
          TuningReport.PICTURE);

  @Spec private CommandSpec spec;

  @Option(names = "--config", paramLabel = "FILE", description = "The JSON file.")
  private @Nullable Path config;

  @Option(
      names = "--example",
      description = {
        "Compare on real input: the model of the demo (in quintet-demo, else trained first, in about four minutes) learns four"
            + " tasks on the methods of the JDK's sources, in a quarter of an hour on two cores. OUT/config.json is its file."
      })
  private boolean example;

  @Option(
      names = "--out",
      paramLabel = "FOLDER",
      description = "The same as --set out=FOLDER. Default of --example: quintet-tuning.")
  private @Nullable Path into;

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description =
          "Sets a key over the file's: --set seeds=[0], --set train.steps=100. A dot leads into an object; the value is JSON.")
  private List<String> set = List.of();

  @Option(
      names = "--resume",
      description = "Go on with the comparison in OUT; where there is none yet, start it.")
  private boolean resume;

  @Mixin private Compute compute;

  /// Made by picocli.
  CompareTuningCommand() {}

  @Override
  public Integer call() throws IOException {
    if (example == (config != null)) {
      throw new IllegalArgumentException(
          "compare-tuning needs one of --config FILE and --example, which brings its own");
    }
    Device device = compute.device();
    try (var interruption = new Interruption()) {
      JsonObject json;
      if (config == null) {
        var bringing =
            new TuningExample(
                into == null ? Path.of(TuningExample.OUT) : into, device, compute.threads());
        Optional<JsonObject> brought = bringing.settings(spec, interruption);
        if (brought.isEmpty()) {
          return stopped();
        }
        json = brought.get();
      } else {
        json = JsonObject.read(config);
        json = into == null ? json : json.with("out", into.toString());
      }
      json = Overrides.set(json, set, List.copyOf(TuningSettings.KEYS.keySet()), "compare-tuning");
      return run(TuningSettings.of(json), device, interruption);
    }
  }

  private static int stopped() {
    System.err.println("interrupted; finished trainings stay, --resume continues");
    return Interruption.EXIT_CODE;
  }

  private int run(TuningSettings settings, Device device, Interruption interruption)
      throws IOException {
    try (var folder = SubjectFolder.take("comparison", settings.out(), JOURNAL, resume, WRITTEN)) {
      interruption.enter();
      try (Journal journal = Journal.open(folder.record())) {
        Optional<TuningSettings> planned = begin(settings, folder, journal, device, interruption);
        return planned.isEmpty()
            ? stopped()
            : compare(planned.get(), journal, device, interruption);
      }
    }
  }

  /// Writes down what is compared, or checks that it is what was written down; with the steps that fit into the time.
  ///
  /// @return nothing where it was stopped
  private static Optional<TuningSettings> begin(
      TuningSettings settings,
      SubjectFolder folder,
      Journal journal,
      Device device,
      Interruption interruption) {
    JsonObject now = JsonObject.parse("the comparison", JsonText.of(settings.record()));
    if (!journal.events().isEmpty()) {
      JsonObject first = journal.events().getFirst();
      folder.requireSame(first.required("comparison", JsonObject::object), now);
      return Optional.of(
          first
              .object("plan")
              .map(plan ->
                  settings.withSteps(
                      plan.required("steps", JsonObject::whole),
                      plan.required("evaluate_every", JsonObject::whole)))
              .orElse(settings));
    }
    var header = new LinkedHashMap<String, Object>();
    header.put("comparison", now);
    TuningSettings planned = settings;
    if (settings.minutes().isPresent()) {
      System.err.println("timing a few steps of each task and method");
      Optional<TuningPace.Plan> plan =
          TuningPace.plan(settings, settings.minutes().get(), device, interruption);
      if (plan.isEmpty()) {
        return Optional.empty();
      }
      TuningPace.Plan fits = plan.get();
      System.err.println(TuningPace.words(fits, settings.design().trials().size()));
      header.put("plan", Map.of("steps", fits.steps(), "evaluate_every", fits.evaluateEvery()));
      planned = settings.withSteps(fits.steps(), fits.evaluateEvery());
    }
    journal.append(header);
    return Optional.of(planned);
  }

  private int compare(
      TuningSettings settings, Journal journal, Device device, Interruption interruption) {
    Design design = settings.design();
    var lines = new TuningLines(design);
    for (JsonObject event : journal.events().stream().skip(1).toList()) {
      lines.before(event);
    }
    var training = new TuningTraining(settings, device, interruption, new NewRemarks());
    for (Trial trial : design.trials()) {
      if (lines.isDone(trial)) {
        continue;
      }
      if (interruption.getAsBoolean()) {
        return stopped();
      }
      lines.begins(trial);
      try {
        Optional<TrialResult> result = training.run(trial);
        if (result.isEmpty()) {
          return stopped();
        }
        journal.append(result.get().json());
        training.clear(trial);
        lines.ended(result.get());
      } catch (TrainingException e) {
        var failure = new Comparison.Failure(trial, String.valueOf(e.getMessage()));
        journal.append(failure.json());
        lines.failed(failure);
      }
    }
    report(settings, lines);
    training.clearAll();
    return lines.results().isEmpty() ? Failures.FAILED : 0;
  }

  private void report(TuningSettings settings, TuningLines lines) {
    var comparison = new Comparison(settings.design(), lines.results(), lines.failures());
    var report = new TuningReport(comparison, about(settings, lines));
    report.write(settings.out()).ifPresent(System.err::println);
    PrintWriter to = spec.commandLine().getOut();
    to.print(report.text());
    to.println("report: " + settings.out().resolve(TuningReport.PAGE));
    to.flush();
  }

  /// What a reader of the report has to know.
  private static Map<String, String> about(TuningSettings settings, TuningLines lines) {
    var about = new LinkedHashMap<String, String>();
    about.put("base", settings.train().string("model").orElse(""));
    settings.tasks().forEach((name, task) -> about.put("task " + name, JsonText.line(task)));
    settings.methods().forEach((name, one) -> about.put("method " + name, JsonText.line(one)));
    about.put("in common", JsonText.line(settings.train()));
    about.put("seeds", settings.design().seeds().toString());
    about.put("trainings", String.format(Locale.ROOT, "%,d", lines.results().size()));
    about.put("time of all trainings", Words.duration(lines.seconds()));
    about.put(
        "machine",
        "%s %s, %,d processors, Java %s"
            .formatted(
                System.getProperty("os.name"),
                System.getProperty("os.arch"),
                Runtime.getRuntime().availableProcessors(),
                Runtime.version()));
    about.put("version", VersionText.version());
    return about;
  }
}
