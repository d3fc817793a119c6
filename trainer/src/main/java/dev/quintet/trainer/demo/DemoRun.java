package dev.quintet.trainer.demo;

import dev.quintet.core.random.Permutation;
import dev.quintet.core.random.Site;
import dev.quintet.core.shape.Device;
import dev.quintet.models.t5.T5;
import dev.quintet.models.text.TextToText;
import dev.quintet.tokenizers.bpe.ByteBpeTrainer;
import dev.quintet.tokenizers.pretokenize.SplitPattern;
import dev.quintet.tokenizers.tokenizer.Tokenizer;
import dev.quintet.trainer.data.Examples;
import dev.quintet.trainer.data.Pairs;
import dev.quintet.trainer.data.TextPair;
import dev.quintet.trainer.loop.RunFolders;
import dev.quintet.trainer.loop.T5Learner;
import dev.quintet.trainer.loop.TrainingLoop;
import dev.quintet.trainer.loop.TrainingPlan;
import dev.quintet.trainer.loop.TrainingResult;
import dev.quintet.trainer.metric.NameScores;
import dev.quintet.trainer.schedule.Freezing;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// The demo from end to end: from Java sources to a trained T5 that names methods, and what freezing does.
///
/// Each phase leaves its result in the [DemoFolder]; a phase that is done is not repeated. The numbers are in
/// [DemoRecipe].
public final class DemoRun {
  private static final long SAMPLE = Site.of("demo.sample");
  private static final int SCORED = 4_000;
  private static final int VALIDATED = 2_000;

  private final DemoFolder folder;
  private final DemoArguments arguments;
  private final Device device;
  private final int threads;
  private final DemoListener listener;
  private final BooleanSupplier stop;
  private final long started = System.nanoTime();
  private Optional<Examples> training = Optional.empty();

  /// A demo; nothing happens before [#run].
  ///
  /// @param folder where everything goes
  /// @param arguments what decides the result
  /// @param device where tensors lie
  /// @param threads how many threads parse and encode
  /// @param listener shows it to somebody
  /// @param stop asked after each training step; true saves and ends
  public DemoRun(
      DemoFolder folder,
      DemoArguments arguments,
      Device device,
      int threads,
      DemoListener listener,
      BooleanSupplier stop) {
    this.folder = folder;
    this.arguments = arguments;
    this.device = device;
    this.threads = threads;
    this.listener = listener;
    this.stop = stop;
  }

  /// Does what is not done yet.
  ///
  /// @return whether it came to its end, and was not stopped
  /// @throws TooFewMethodsException if the sources do not hold enough methods
  public boolean run() {
    MethodSplit methods = parse();
    Tokenizer tokenizer = tokenizer(methods);
    Budget budget = budget(methods, tokenizer);
    if (!train(methods, tokenizer, budget)) {
      return false;
    }
    var report = new DemoReport(folder, listener);
    try (TextToText model = TextToText.load(folder.path("model"), device)) {
      score(methods, model);
    }
    report.names();
    if (!new SecondTask(this, methods, tokenizer, budget).run()) {
      return false;
    }
    if (arguments.compare() && !new Comparison(this, methods, tokenizer, budget).run()) {
      return false;
    }
    report.finish();
    return true;
  }

  // ---- phases ----

  private MethodSplit parse() {
    Path file = folder.path("methods.txt");
    String title = "Reading methods from Java sources";
    try {
      if (folder.result("parse").isPresent()) {
        listener.skipped(title);
        return MethodFile.read(file);
      }
      long start = begin(title);
      try (SourceTree tree = sources()) {
        listener.note("sources: " + tree.description());
        ParsedMethods parsed = MethodParser.parse(tree, threads, listener::progress);
        MethodSplit split = MethodSplit.of(parsed.methods(), DemoRecipe.SPLIT_SEED);
        MethodFile.write(file, split);
        ObjectNode result = DemoFolder.object();
        result.put("files", parsed.files()).put("files_passed_over", parsed.filesPassedOver());
        result.put("methods", parsed.methodsWithBody()).put("kept", parsed.methods().size());
        result.put("train", split.train().size());
        result.put("validation", split.validation().size());
        result.put("test", split.test().size());
        listener.note(
            String.format(
                Locale.ROOT,
                "%,d methods of %,d files; %,d to learn from, %,d and %,d of other classes to"
                    + " validate and to test",
                parsed.methods().size(),
                parsed.files(),
                split.train().size(),
                split.validation().size(),
                split.test().size()));
        end("parse", result, start);
        return split;
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e.getMessage(), e);
    }
  }

  private SourceTree sources() throws IOException {
    if (arguments.sources().isPresent()) {
      return SourceTree.of(Path.of(arguments.sources().get()));
    }
    Optional<SourceTree> jdk = SourceTree.jdk();
    if (jdk.isPresent()) {
      return jdk.get();
    }
    Path own = Path.of(System.getProperty("quintet.home", "."));
    listener.note(
        "this JDK came without its sources (lib/src.zip), so the project's own in "
            + own.toAbsolutePath().normalize()
            + " are taken; --sources names others");
    return SourceTree.of(own);
  }

  private Tokenizer tokenizer(MethodSplit methods) {
    Path file = folder.path("tokenizer");
    String title = "Training a byte-level BPE tokenizer";
    if (folder.result("tokenizer").isPresent()) {
      listener.skipped(title);
      return Tokenizer.load(file);
    }
    long start = begin(title);
    var texts = new ArrayList<String>();
    sample(methods.train(), DemoRecipe.TOKENIZER_SOURCES, arguments.seed())
        .forEach(method -> texts.add(method.source()));
    methods.train().forEach(method -> texts.add(method.target()));
    Tokenizer tokenizer =
        Tokenizer.of(
            ByteBpeTrainer.of(DemoRecipe.VOCABULARY)
                .withPattern(SplitPattern.GPT2)
                .withAddPrefixSpace(true)
                .withSentinels(DemoRecipe.SENTINELS)
                .train(texts));
    tokenizer.save(file);
    ObjectNode result = DemoFolder.object().put("ids", tokenizer.vocabularySize());
    end("tokenizer", result, start);
    return Tokenizer.load(file);
  }

  private Budget budget(MethodSplit methods, Tokenizer tokenizer) {
    if (folder.result("plan").isPresent()) {
      return Budget.of(folder.result("plan").get());
    }
    long start = begin("Fixing the number of steps");
    Budget budget;
    if (arguments.steps().isPresent()) {
      budget = Budget.ofSteps(arguments.steps().getAsLong());
    } else {
      int width = Budget.width(arguments.minutes());
      double perStep =
          StepTimer.seconds(
              create(width, tokenizer), train(methods, tokenizer), arguments.seed(), folder);
      double used = (System.nanoTime() - started) / 1e9;
      budget = Budget.ofMinutes(width, arguments.minutes(), used, perStep, arguments.compare());
    }
    listener.note(
        String.format(
            Locale.ROOT,
            "%,d steps at width %d; %,d for the second task",
            budget.steps(),
            budget.width(),
            budget.secondSteps()));
    end("plan", budget.json(), start);
    return budget;
  }

  private boolean train(MethodSplit methods, Tokenizer tokenizer, Budget budget) {
    String title = "Training a T5 to name methods";
    if (folder.result("train").isPresent()) {
      listener.skipped(title);
      return true;
    }
    try (TextToText model = create(budget.width(), tokenizer)) {
      TrainingPlan plan = plan(model.model(), budget.steps(), Freezing.NONE);
      var folders = new RunFolders(folder.path("checkpoints"), folder.path("model"));
      return training(
          "train",
          title,
          model,
          plan,
          train(methods, tokenizer),
          validation(methods, tokenizer),
          folders,
          folder.path("log.jsonl"),
          folder.path("loss.png"));
    }
  }

  private void score(MethodSplit methods, TextToText model) {
    String title = "Scoring on classes it has never seen";
    if (folder.result("score").isPresent()) {
      listener.skipped(title);
      return;
    }
    long start = begin(title);
    List<MethodExample> test = sample(methods.test(), SCORED, arguments.seed());
    ObjectNode result = NamingScore.of(model, methods.train(), test, threads, listener);
    end("score", result, start);
  }

  // ---- for the phases in other files ----

  /// Trains as one phase, from its last checkpoint if there is one; false if it was stopped.
  boolean training(
      String phase,
      String title,
      TextToText model,
      TrainingPlan plan,
      Examples train,
      Examples validate,
      RunFolders folders,
      Path log,
      Path plot) {
    long start = begin(title);
    var loop =
        new TrainingLoop(
            new T5Learner(model),
            plan,
            train,
            validate,
            folders,
            listener.training(title, log, plot),
            stop);
    TrainingResult trained = loop.run(true);
    if (trained.stopped()) {
      return false;
    }
    ObjectNode result = DemoFolder.object();
    result.put("steps", trained.steps());
    result.put("steps_per_second", trained.stepsPerSecond());
    result.put("tokens_per_second", trained.tokensPerSecond());
    result.put("optimizer_bytes", trained.optimizerBytes());
    if (!trained.validation().isEmpty()) {
      result.put("first_loss", trained.validation().getFirst().loss());
      result.put("last_loss", trained.validation().getLast().loss());
    }
    end(phase, result, start);
    return true;
  }

  /// Scores the best model of a run's folder on pairs it has not seen, as one phase.
  void score(String phase, String title, Path run, List<TextPair> test) {
    long start = begin(title);
    try (TextToText model = TextToText.load(run.resolve("best"), device)) {
      List<String> guesses =
          new MethodNamer(model)
              .name(
                  test.stream().map(TextPair::source).toList(),
                  done -> listener.progress(done, test.size()));
      NameScores scores = NameScores.of(test.stream().map(TextPair::target).toList(), guesses);
      ObjectNode result = DemoFolder.object().put("examples", scores.examples());
      result.put("exact_match", scores.exactMatch()).put("f1", scores.f1());
      end(phase, result, start);
    }
  }

  TrainingPlan plan(T5 model, long steps, Freezing freezing) {
    long save = arguments.saveEvery().orElse(DemoRecipe.saveEvery(model));
    return DemoRecipe.plan(model, steps, arguments.seed(), save, freezing);
  }

  TextToText create(int width, Tokenizer tokenizer) {
    var config = DemoRecipe.config(width, tokenizer);
    return TextToText.of(T5.create(config, arguments.seed(), device), tokenizer);
  }

  /// The naming task's training examples, encoded when first asked for: several phases take them.
  Examples train(MethodSplit methods, Tokenizer tokenizer) {
    Examples examples = training.orElseGet(() -> encode(methods.train(), tokenizer));
    training = Optional.of(examples);
    return examples;
  }

  Examples validation(MethodSplit methods, Tokenizer tokenizer) {
    return encode(sample(methods.validation(), VALIDATED, arguments.seed()), tokenizer);
  }

  private Examples encode(List<MethodExample> methods, Tokenizer tokenizer) {
    return encodePairs(pairs(methods), tokenizer);
  }

  /// The naming task's pairs.
  static List<TextPair> pairs(List<MethodExample> methods) {
    return methods.stream().map(m -> new TextPair(m.source(), m.target())).toList();
  }

  Examples encodePairs(List<TextPair> pairs, Tokenizer tokenizer) {
    return Examples.of(
        Pairs.of(pairs).encode(tokenizer, DemoRecipe.MAX_SOURCE, DemoRecipe.MAX_TARGET, threads));
  }

  /// At most `count` of a list, drawn by the seed, in the list's order.
  static <T> List<T> sample(List<T> list, int count, long seed) {
    if (list.size() <= count) {
      return list;
    }
    int[] order = Permutation.of(seed, SAMPLE, list.size());
    return Arrays.stream(order, 0, count).sorted().mapToObj(list::get).toList();
  }

  long begin(String title) {
    listener.phase(title);
    return System.nanoTime();
  }

  void end(String phase, ObjectNode result, long start) {
    double seconds = (System.nanoTime() - start) / 1e9;
    folder.done(phase, result, seconds);
    listener.ended(seconds);
  }

  Optional<JsonNode> result(String phase) {
    return folder.result(phase);
  }

  DemoFolder folder() {
    return folder;
  }

  DemoListener listener() {
    return listener;
  }

  DemoArguments arguments() {
    return arguments;
  }

  Device device() {
    return device;
  }
}
