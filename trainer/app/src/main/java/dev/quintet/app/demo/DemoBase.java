package dev.quintet.app.demo;

import dev.quintet.core.cpu.CpuBackend;
import dev.quintet.core.shape.Device;
import dev.quintet.models.t5.T5;
import dev.quintet.models.text.TextToText;
import dev.quintet.tokenizers.Tokenizer;
import dev.quintet.trainer.data.Example;
import dev.quintet.trainer.data.Examples;
import dev.quintet.trainer.data.Pairs;
import dev.quintet.trainer.data.TextPair;
import dev.quintet.trainer.loop.RunFolders;
import dev.quintet.trainer.loop.T5Learner;
import dev.quintet.trainer.loop.TrainingListener;
import dev.quintet.trainer.loop.TrainingLoop;
import dev.quintet.trainer.loop.TrainingPlan;
import dev.quintet.trainer.schedule.Freezing;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/// The demo's methods and its model that names them, for experiments that begin where the demo ends.
///
/// @param methods in three parts
/// @param model a model folder
public record DemoBase(MethodSplit methods, Path model) {
  private static final String METHODS = "methods.txt";
  private static final String MODEL = "model";
  private static final int VALIDATED = 1_000;

  /// Of how many tokens of a text the model reads.
  public static final int MAX_SOURCE = DemoRecipe.MAX_SOURCE;

  /// How many tokens a name may have.
  public static final int MAX_TARGET = DemoRecipe.MAX_TARGET;

  /// What the folder of a demo, or of [#make], holds; nothing where it has no trained model.
  ///
  /// @throws IOException if its methods cannot be read
  public static Optional<DemoBase> in(Path folder) throws IOException {
    Path methods = folder.resolve(METHODS);
    Path model = folder.resolve(MODEL);
    var demo = new DemoFolder(folder);
    boolean trained = !demo.started() || demo.trained();
    return trained && Files.exists(methods) && Files.exists(model.resolve("config.json"))
        ? Optional.of(new DemoBase(MethodFile.read(methods), model))
        : Optional.empty();
  }

  /// Makes a small one from Java sources: reads the methods, trains a tokenizer and a model of the demo's smaller width.
  ///
  /// @param sources of the methods
  /// @param folder where both go
  /// @param steps of the training
  /// @param seed of everything random
  /// @param device where tensors lie
  /// @param show shows it to somebody
  /// @param watching told of each step
  /// @param stop asked after each step
  /// @return nothing if it was stopped
  /// @throws TooFewMethodsException if the sources do not hold enough methods
  /// @throws IOException if the sources cannot be read
  public static Optional<DemoBase> make(
      SourceTree sources,
      Path folder,
      long steps,
      long seed,
      Device device,
      DemoListener show,
      List<TrainingListener> watching,
      BooleanSupplier stop)
      throws IOException {
    show.phase("Reading methods from Java sources");
    show.note("sources: " + sources.description());
    MethodSplit methods =
        MethodSplit.ofDemo(
            MethodParser.parse(sources, CpuBackend.threads(), show::progress).methods());
    Files.createDirectories(folder);
    MethodFile.write(folder.resolve(METHODS), methods);
    show.phase("Training a byte-level BPE tokenizer");
    Tokenizer tokenizer = DemoRun.tokenizer(methods, seed, texts -> texts);
    show.phase("Training a T5 to name methods");
    try (TextToText text = small(tokenizer, seed, device)) {
      Examples validation =
          Examples.of(
              encode(pairs(DemoRun.sample(methods.validation(), VALIDATED, seed)), tokenizer));
      var loop =
          new TrainingLoop(
              new T5Learner(text),
              plan(text.model(), steps, seed),
              Examples.of(encode(pairs(methods.train()), tokenizer)),
              validation,
              new RunFolders(folder.resolve("checkpoints"), folder.resolve(MODEL)),
              watching,
              stop);
      if (loop.run(false).stopped()) {
        return Optional.empty();
      }
    }
    return Optional.of(new DemoBase(methods, folder.resolve(MODEL)));
  }

  /// The sources that were asked for, or else the JDK's, or where it came without, the project's own.
  ///
  /// @param asked folder, zip or jar
  /// @param note told where they are not what one would expect
  /// @throws IOException if they cannot be read
  public static SourceTree sources(Optional<Path> asked, Consumer<String> note) throws IOException {
    if (asked.isPresent()) {
      return SourceTree.of(asked.get());
    }
    Optional<SourceTree> jdk = SourceTree.jdk();
    if (jdk.isPresent()) {
      return jdk.get();
    }
    Path own = Path.of(System.getProperty("quintet.home", "."));
    note.accept(
        "this JDK came without its sources (lib/src.zip), so the project's own in "
            + own.toAbsolutePath().normalize()
            + " are taken; --sources names others");
    return SourceTree.of(own);
  }

  /// The naming task's pairs of some methods.
  public static List<TextPair> pairs(List<MethodExample> methods) {
    return DemoRun.pairs(methods);
  }

  /// At most `count` of some methods, drawn by the seed, in their order.
  public static List<MethodExample> sample(List<MethodExample> methods, int count, long seed) {
    return DemoRun.sample(methods, count, seed);
  }

  /// Pairs as a model reads them, cut to the demo's lengths.
  public static List<Example> encode(List<TextPair> pairs, Tokenizer tokenizer) {
    return Pairs.of(pairs).encode(tokenizer, MAX_SOURCE, MAX_TARGET, CpuBackend.threads());
  }

  /// A model with random weights, of the demo's smaller width.
  public static TextToText small(Tokenizer tokenizer, long seed, Device device) {
    var config = DemoRecipe.config(DemoRecipe.SMALLER, tokenizer);
    return TextToText.of(T5.create(config, seed, device), tokenizer);
  }

  /// The demo's rates and batches for such a model.
  public static TrainingPlan plan(T5 model, long steps, long seed) {
    return DemoRecipe.plan(model, steps, seed, Integer.MAX_VALUE, Freezing.NONE);
  }

  /// The demo's rates and batches for a model that has learned before.
  ///
  /// @param peak of the embedding's rate; the demo's own is 0.03
  public static TrainingPlan plan(
      T5 model, long steps, long evaluateEvery, long seed, double peak, Freezing freezing) {
    return DemoRecipe.plan(model, steps, seed, Integer.MAX_VALUE, freezing, peak)
        .withEvery(Integer.MAX_VALUE, evaluateEvery);
  }
}
