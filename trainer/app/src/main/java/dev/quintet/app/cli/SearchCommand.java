package dev.quintet.app.cli;

import dev.quintet.core.io.AtomicDirectory;
import dev.quintet.core.io.JsonText;
import dev.quintet.core.shape.Device;
import dev.quintet.trainer.search.Search;
import dev.quintet.trainer.search.SearchResult;
import dev.quintet.trainer.search.TrialResult;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `search`: looks for the settings with the best score on the validation part.
@Command(
    name = "search",
    description = {
      "Trains again and again with other settings, and finds those with the lowest validation loss, or the best of another score.",
      "OUT/trials.jsonl is the journal, OUT/table.json the result, OUT/best.json a file for train with the best settings and without the test part, which the winner has seen;"
          + " OUT/trials holds the trainings, and four pictures show the course."
    },
    mixinStandardHelpOptions = true,
    versionProvider = VersionText.class)
final class SearchCommand implements Callable<Integer> {
  private static final String JOURNAL = "trials.jsonl";
  private static final String TRIALS = "trials";
  private static final String TEST = "test.json";
  private static final String PREDICTIONS = "predictions-test.jsonl";
  private static final int SHOWN = 20;

  @Spec private CommandSpec spec;

  @Option(names = "--config", required = true, paramLabel = "FILE", description = "The JSON file.")
  private Path config;

  @Option(
      names = "--resume",
      description =
          "Go on with the search in OUT, also with more trials; where there is none yet, start it.")
  private boolean resume;

  @Mixin private Compute compute;

  /// Made by picocli.
  SearchCommand() {}

  @Override
  public Integer call() throws IOException {
    SearchSettings settings = SearchSettings.read(config);
    Search search = settings.search();
    Device device = compute.device();
    settings.remarks().forEach(System.err::println);
    Path out = settings.out();
    try (var folder = SubjectFolder.take("search", out, JOURNAL, resume, written());
        var interruption = new Interruption()) {
      var training = training(settings, device);
      interruption.enter();
      SearchResult result =
          (folder.begun() ? search.resume() : search)
              .stopWhen(interruption)
              .listener(
                  new SearchLines(settings.score(), trial -> clear(settings, training, trial)))
              .run(out.resolve(JOURNAL), training);
      if (result.stopped()) {
        System.err.println(
            "interrupted; what is done is in " + out.resolve(JOURNAL) + ", --resume continues");
        return Interruption.EXIT_CODE;
      }
      report(settings, result, training, device);
      return result.best().isPresent() ? 0 : Failures.FAILED;
    }
  }

  private static List<String> written() {
    return Stream.concat(
            SearchReport.PICTURES.stream(),
            Stream.of(JOURNAL, TRIALS, TEST, PREDICTIONS, SearchReport.TABLE, SearchReport.BEST))
        .toList();
  }

  private static TrialTraining training(SearchSettings settings, Device device) {
    List<TrialTraining.Part> parts =
        settings.repeats() == 1
            ? List.of(new TrialTraining.Part("", 0, Optional.empty()))
            : IntStream.range(0, settings.repeats())
                .mapToObj(i -> new TrialTraining.Part("repeat-" + i, i, Optional.empty()))
                .toList();
    return new TrialTraining(
        settings::settings,
        settings.score(),
        settings.out().resolve(TRIALS),
        device,
        parts,
        settings.every(),
        settings.longest());
  }

  /// Removes the folders of trials that have ended and are not to stay.
  private static void clear(SearchSettings settings, TrialTraining training, List<Integer> gone) {
    if (settings.keep() != SearchSettings.Keep.ALL) {
      for (int trial : gone) {
        Path folder = training.folder(trial);
        if (Files.exists(folder)) {
          AtomicDirectory.delete(folder);
        }
      }
    }
  }

  private void report(
      SearchSettings settings, SearchResult result, TrialTraining training, Device device) {
    PrintWriter to = spec.commandLine().getOut();
    if (result.exhausted()) {
      System.err.printf("all %,d sets of values have been tried%n", result.trials().size());
    }
    var report = new SearchReport(settings, result);
    SequencedMap<String, Object> test = new LinkedHashMap<>();
    result.best().ifPresent(report::best);
    if (result.best().isPresent()) {
      int winner = result.best().get().trial();
      test =
          new TestPart(settings.out().resolve(TEST), settings.out().resolve(PREDICTIONS))
              .scores(
                  winner,
                  training.winner(winner).resolve("best"),
                  settings.settings(result.best().get().values()),
                  device);
    }
    report.table(test);
    report.pictures().ifPresent(System.err::println);
    boolean none = settings.keep() == SearchSettings.Keep.NONE;
    clear(
        settings,
        training,
        result.trials().stream()
            .map(TrialResult::trial)
            .filter(
                trial -> none || !result.best().map(best -> best.trial() == trial).orElse(false))
            .toList());
    to.print(report.text(SHOWN));
    result
        .best()
        .ifPresentOrElse(
            best ->
                to.println(
                    "best: trial "
                        + best.trial()
                        + "; train --config "
                        + settings.out().resolve(SearchReport.BEST)
                        + " trains with its settings"),
            () ->
                System.err.println(
                    "no trial ran to its full length with a finite "
                        + settings.score().label()
                        + ", so there is no best"));
    if (!test.isEmpty()) {
      to.println("on the test part: " + JsonText.line(test));
    }
    to.flush();
  }
}
