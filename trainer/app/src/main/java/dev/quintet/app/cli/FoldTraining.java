package dev.quintet.app.cli;

import dev.quintet.core.io.AtomicDirectory;
import dev.quintet.core.io.AtomicFile;
import dev.quintet.core.io.JsonText;
import dev.quintet.core.shape.Device;
import dev.quintet.models.json.JsonObject;
import dev.quintet.trainer.data.Pairs;
import dev.quintet.trainer.evaluate.Predictions;
import dev.quintet.trainer.evaluate.Scored;
import dev.quintet.trainer.folds.Folds;
import dev.quintet.trainer.loop.TrainingResult;
import dev.quintet.trainer.search.SearchResult;
import dev.quintet.trainer.search.Space;
import dev.quintet.trainer.search.TrialResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SequencedMap;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;

/// Trains and scores one fold after another, each in a folder of its own; a fold whose result is written is never run
/// again.
///
/// @param settings all of them
/// @param rows all rows
/// @param folder for the folds
/// @param device where to compute
/// @param stop asked again and again whether to stop
/// @param remarks told of each training's data
record FoldTraining(
    FoldSettings settings,
    FoldRows rows,
    Path folder,
    Device device,
    BooleanSupplier stop,
    NewRemarks remarks) {

  /// The result of a fold.
  Path result(int repeat, int fold) {
    return folder.resolve(name(repeat, fold) + ".json");
  }

  /// The predictions of a fold.
  Path predictions(int repeat, int fold) {
    return folder.resolve(name(repeat, fold) + ".predictions.jsonl");
  }

  private static String name(int repeat, int fold) {
    return "repeat-" + repeat + "-fold-" + fold;
  }

  /// Runs a fold, or goes on with it.
  ///
  /// @return its result; nothing where it was stopped
  Optional<JsonObject> run(Folds folds, int repeat, int fold) throws IOException {
    Path file = result(repeat, fold);
    if (Files.exists(file)) {
      return Optional.of(JsonObject.read(file));
    }
    FoldRows learned = rows.pick(folds.train(fold));
    FoldRows held = rows.pick(folds.test(fold));
    long seed = settings.seed() + repeat;
    Path out = folder.resolve(name(repeat, fold));
    Files.createDirectories(folder);
    SequencedMap<String, Object> chosen = new LinkedHashMap<>();
    if (settings.space().isPresent()) {
      Optional<TrialResult> best = choose(settings.space().get(), learned, held, seed, out);
      if (best.isEmpty()) {
        return Optional.empty();
      }
      chosen.putAll(best.get().values());
    }
    JsonObject train = settings.settings(chosen);
    Pairs.Splits parts = learned.holdOut(settings.holdOut(), seed);
    System.err.printf(
        Locale.ROOT,
        "fold %d of %d, repeat %d: %,d rows to learn from, %,d to choose by, %,d held out%n",
        fold + 1,
        settings.k(),
        repeat,
        parts.train().size(),
        parts.validation().size(),
        held.size());
    LearnedRows rowsToLearn = learned.learned(parts, held);
    rowsToLearn
        .stage()
        .ifPresent(stage -> {
          System.err.printf(
              Locale.ROOT,
              "fold %d of %d, repeat %d: the rows to learn from are augmented to %,d: %s%n",
              fold + 1,
              settings.k(),
              repeat,
              stage.out(),
              stage.reasons());
          rowsToLearn.epochs().ifPresent(_ -> System.err.println(LearnedRows.ANEW));
        });
    TrainingResult trained =
        TrainRun.of(train)
            .data(rowsToLearn)
            .resume(true)
            .listener(remarks)
            .stopWhen(stop)
            .run(out, device);
    if (trained.stopped()) {
      return Optional.empty();
    }
    Scored scored =
        new HeldOut(train, settings.metrics()).score(out.resolve("best"), held.pairs(), device);
    Predictions.write(predictions(repeat, fold), scored.predictions());
    var scores = new LinkedHashMap<String, Object>();
    scores.put("loss", scored.loss());
    scores.putAll(scored.scores());
    var result = new LinkedHashMap<String, Object>();
    result.put("repeat", (long) repeat);
    result.put("fold", (long) fold);
    result.put("train_rows", (long) parts.train().size());
    result.put("validation_rows", (long) parts.validation().size());
    result.put("test_rows", (long) held.size());
    result.put("test_sha256", held.hash());
    result.put("steps", trained.steps());
    result.put("best_step", trained.bestStep());
    if (!chosen.isEmpty()) {
      result.put("chosen", chosen);
    }
    result.put("scores", scores);
    AtomicFile.write(file, JsonText.of(result) + "\n");
    return Optional.of(JsonObject.read(file));
  }

  /// The best settings by folds of a fold's own training rows; nothing where the search was stopped.
  private Optional<TrialResult> choose(
      Space space, FoldRows learned, FoldRows held, long seed, Path out) throws IOException {
    Folds inner = learned.deal(settings.inner(), seed);
    List<TrialTraining.Part> parts =
        IntStream.range(0, inner.count())
            .mapToObj(fold ->
                new TrialTraining.Part(
                    "inner-" + fold,
                    0,
                    Optional.of(
                        learned.learned(
                            new Pairs.Splits(
                                learned.pick(inner.train(fold)).pairs(),
                                learned.pick(inner.test(fold)).pairs(),
                                Pairs.of(List.of())),
                            held))))
            .toList();
    Path searched = out.resolveSibling(out.getFileName() + ".search");
    Files.createDirectories(searched);
    Path trials = searched.resolve("trials");
    var training =
        new TrialTraining(
            this::of, settings.score(), trials, device, parts, OptionalLong.empty(), 1);
    SearchResult result =
        settings
            .search(space)
            .stopWhen(stop)
            .listener(new SearchLines(settings.score(), _ -> {}))
            .run(searched.resolve("trials.jsonl"), training);
    if (result.stopped()) {
      return Optional.empty();
    }
    if (Files.exists(trials)) {
      AtomicDirectory.delete(trials);
    }
    return Optional.of(
        result
            .best()
            .orElseThrow(() ->
                new IllegalArgumentException(
                    "no trial in "
                        + searched
                        + " has a finite "
                        + settings.score().label()
                        + ": change the space")));
  }

  private JsonObject of(Map<String, Object> values) {
    return settings.settings(values);
  }
}
