package dev.quintet.app.demo;

import dev.quintet.core.cpu.CpuBackend;
import dev.quintet.core.shape.DType;
import dev.quintet.core.shape.Device;
import dev.quintet.models.t5.T5;
import dev.quintet.models.text.TextToText;
import dev.quintet.tokenizers.Tokenizer;
import dev.quintet.trainer.data.Example;
import dev.quintet.trainer.data.Examples;
import dev.quintet.trainer.data.Pairs;
import dev.quintet.trainer.loop.Horizon;
import dev.quintet.trainer.loop.RunFolders;
import dev.quintet.trainer.loop.T5Learner;
import dev.quintet.trainer.loop.TrainingLoop;
import dev.quintet.trainer.loop.TrainingPlan;
import dev.quintet.trainer.loop.TrainingResult;
import dev.quintet.trainer.metric.NameScores;
import dev.quintet.trainer.schedule.Freezing;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// The demo's first task on data that were made before, on any device and for any time: for comparing devices.
public final class PreparedDemo {
  private static final int MOST_TO_LEARN_FROM = 40_000;
  private static final int MOST_TO_SCORE = 500;
  private static final int WIDTH = 96;
  private static final long SEED = 7;

  /// Steps before the pace is taken, and steps that tell it.
  private static final int WARM = 10;

  private static final int TIMED = 40;

  private static final String METHODS = "methods.txt";
  private static final String TOKENIZER = "tokenizer";

  private final MethodSplit methods;
  private final Tokenizer tokenizer;

  private PreparedDemo(MethodSplit methods, Tokenizer tokenizer) {
    this.methods = methods;
    this.tokenizer = tokenizer;
  }

  /// Makes the data: methods of Java sources in three parts, and a tokenizer of theirs.
  ///
  /// @param sources folder, zip or jar; the JDK's own if empty
  /// @param folder where they go
  /// @return how many methods there are to learn from
  /// @throws TooFewMethodsException if the sources do not hold enough methods
  public static int prepare(Optional<Path> sources, Path folder) throws IOException {
    MethodSplit split;
    try (SourceTree tree = open(sources)) {
      split =
          MethodSplit.of(
              MethodParser.parse(tree, CpuBackend.threads()).methods(), DemoRecipe.SPLIT_SEED);
    }
    var fewer =
        new MethodSplit(
            DemoRun.sample(split.train(), MOST_TO_LEARN_FROM, SEED),
            List.of(),
            DemoRun.sample(split.test(), MOST_TO_SCORE, SEED));
    Files.createDirectories(folder);
    MethodFile.write(folder.resolve(METHODS), fewer);
    DemoRun.tokenizer(fewer, SEED, texts -> texts).save(folder.resolve(TOKENIZER));
    return fewer.train().size();
  }

  private static SourceTree open(Optional<Path> sources) throws IOException {
    if (sources.isPresent()) {
      return SourceTree.of(sources.get());
    }
    return SourceTree.jdk()
        .orElseThrow(() -> new IOException("this JDK came without its sources (lib/src.zip)"));
  }

  /// Opens what [#prepare] made.
  public static PreparedDemo open(Path folder) throws IOException {
    return new PreparedDemo(
        MethodFile.read(folder.resolve(METHODS)), Tokenizer.load(folder.resolve(TOKENIZER)));
  }

  /// Whether a folder holds what [#prepare] makes.
  public static boolean isIn(Path folder) {
    return Files.exists(folder.resolve(METHODS));
  }

  /// How far a training got.
  ///
  /// @param steps taken
  /// @param stepsPerSecond of all of them
  /// @param scores on methods of classes that it has never seen
  public record Result(long steps, double stepsPerSecond, NameScores scores) {}

  /// For how long a training goes.
  ///
  /// @param seconds that it takes, where no steps are given
  /// @param steps 0 where seconds are given
  /// @param rows of a batch
  /// @param scored methods to score it on
  public record Length(double seconds, long steps, int rows, int scored) {
    /// So many seconds of the demo's own batches.
    public static Length ofSeconds(double seconds) {
      return new Length(seconds, 0, DemoRecipe.BATCH, MOST_TO_SCORE);
    }

    /// So few steps that an emulated device comes to an end.
    public static Length toy() {
      return new Length(0, 3, 2, 2);
    }
  }

  /// Trains a model from scratch, in a folder for its files, and scores it.
  public Result train(Device device, DType type, Length length, Path folder) {
    Examples examples =
        Examples.of(
            Pairs.of(DemoRun.pairs(methods.train()))
                .encode(
                    tokenizer, DemoRecipe.MAX_SOURCE, DemoRecipe.MAX_TARGET, CpuBackend.threads()));
    var config = DemoRecipe.config(WIDTH, tokenizer);
    try (var text = TextToText.of(T5.create(config, SEED, device), tokenizer)) {
      text.model().to(type);
      long steps = length.steps() > 0 ? length.steps() : 2 * TIMED;
      TrainingPlan plan =
          DemoRecipe.plan(text.model(), steps, SEED, Integer.MAX_VALUE, Freezing.NONE)
              .withAccumulation(length.rows(), 1);
      var loop =
          new TrainingLoop(
              new T5Learner(text),
              plan,
              examples,
              Examples.of(List.<Example>of()),
              RunFolders.in(folder),
              List.of(),
              () -> false);
      if (length.steps() == 0) {
        loop.horizon(new ByTime(length.seconds()));
      }
      TrainingResult trained = loop.run(false);
      List<MethodExample> test =
          methods.test().subList(0, Math.min(length.scored(), methods.test().size()));
      List<String> guesses =
          MethodNamer.ofNames(text)
              .name(test.stream().map(MethodExample::source).toList(), _ -> {});
      NameScores scores = NameScores.of(test.stream().map(MethodExample::target).toList(), guesses);
      return new Result(trained.steps(), trained.stepsPerSecond(), scores);
    }
  }

  /// As many steps as the time allows for, by the pace of the first ones.
  private static final class ByTime implements Horizon {
    private final double seconds;
    private final long begin = System.nanoTime();
    private long warm;
    private long decided;

    ByTime(double seconds) {
      this.seconds = seconds;
    }

    @Override
    public long steps(long done, long planned) {
      if (done == WARM) {
        warm = System.nanoTime();
      }
      if (done != TIMED) {
        return decided > 0 ? decided : planned;
      }
      long now = System.nanoTime();
      double step = (now - warm) / 1e9 / (TIMED - WARM);
      double left = seconds - (now - begin) / 1e9;
      decided = TIMED + Math.max(1, (long) (left / step));
      return decided;
    }
  }
}
