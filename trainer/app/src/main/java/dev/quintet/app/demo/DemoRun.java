package dev.quintet.app.demo;

import dev.quintet.core.random.Permutation;
import dev.quintet.core.random.Site;
import dev.quintet.core.shape.Device;
import dev.quintet.models.json.JsonObject;
import dev.quintet.models.t5.T5;
import dev.quintet.models.text.TextToText;
import dev.quintet.tokenizers.Tokenizer;
import dev.quintet.tokenizers.bpe.ByteBpeTrainer;
import dev.quintet.tokenizers.pretokenize.SplitPattern;
import dev.quintet.trainer.data.BatchPlan;
import dev.quintet.trainer.data.Example;
import dev.quintet.trainer.data.Examples;
import dev.quintet.trainer.data.Pairs;
import dev.quintet.trainer.data.TextPair;
import dev.quintet.trainer.loop.RunFolders;
import dev.quintet.trainer.loop.TrainingPlan;
import dev.quintet.trainer.metric.NameScores;
import dev.quintet.trainer.schedule.Freezing;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

/// The demo from end to end: from Java sources to a trained T5 that names methods, and what freezing does.
///
/// Each phase leaves its result in the [DemoFolder]; a phase that is done is not repeated. The numbers are in
/// [DemoRecipe].
public final class DemoRun {
  private static final long SAMPLE = Site.of("demo.sample");
  private static final int SCORED = 4_000;
  private static final int VALIDATED = 2_000;
  private static final int ENCODED = 8_192;

  /// What a batch costs when nothing is learned from it, as a part of a step.
  private static final double FORWARD = 0.4;

  private final DemoFolder folder;
  private final DemoArguments arguments;
  private final Device device;
  private final int threads;
  private final DemoListener listener;
  private final BooleanSupplier stop;
  private final DemoClock clock;
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
    this.clock = new DemoClock(DemoReport.secondsDone(folder));
    Shares.seconds(arguments)
        .ifPresent(all -> listener.whole(() -> Math.max(0, all - clock.used())));
  }

  /// Does what is not done yet.
  ///
  /// @return whether it came to its end, and was not stopped
  /// @throws TooFewMethodsException if the sources do not hold enough methods
  public boolean run() {
    MethodSplit methods = parse();
    Tokenizer tokenizer = tokenizer(methods);
    var record = PlanRecord.in(folder, arguments);
    if (!train(methods, tokenizer, record)) {
      return false;
    }
    var report = new DemoReport(folder, listener);
    try (TextToText model = TextToText.load(folder.path("model"), device)) {
      score(methods, model);
    }
    report.names();
    if (!new SecondTask(this, methods, tokenizer, record).run()) {
      return false;
    }
    if (arguments.compare() && !new PretrainingComparison(this, methods, tokenizer, record).run()) {
      return false;
    }
    report.finish(clock.used(), Shares.seconds(arguments));
    return true;
  }

  /// Does what is not done yet of the first half alone: `model` in the folder is then the model that names methods.
  ///
  /// @return whether it came to its end, and was not stopped
  /// @throws TooFewMethodsException if the sources do not hold enough methods
  public boolean base() {
    MethodSplit methods = parse();
    return train(methods, tokenizer(methods), PlanRecord.in(folder, arguments));
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
      begin(title);
      try (SourceTree tree = DemoBase.sources(arguments.sources().map(Path::of), listener::note)) {
        listener.note("sources: " + tree.description());
        ParsedMethods parsed = MethodParser.parse(tree, threads, listener::progress);
        MethodSplit split = MethodSplit.ofDemo(parsed.methods());
        MethodFile.write(file, split);
        var result = new LinkedHashMap<String, Object>();
        result.put("files", parsed.files());
        result.put("files_passed_over", parsed.filesPassedOver());
        result.put("methods", parsed.methodsWithBody());
        result.put("kept", parsed.methods().size());
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
        end("parse", result);
        return split;
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e.getMessage(), e);
    }
  }

  private Tokenizer tokenizer(MethodSplit methods) {
    Path file = folder.path("tokenizer");
    String title = "Training a byte-level BPE tokenizer";
    if (folder.result("tokenizer").isPresent()) {
      listener.skipped(title);
      return Tokenizer.load(file);
    }
    begin(title);
    Tokenizer tokenizer = tokenizer(methods, arguments.seed(), this::watched);
    tokenizer.save(file);
    end("tokenizer", Map.of("ids", tokenizer.vocabularySize()));
    return Tokenizer.load(file);
  }

  /// A tokenizer of what is learned from.
  ///
  /// @param watched passes the texts on
  static Tokenizer tokenizer(
      MethodSplit methods, long seed, Function<List<String>, Iterable<String>> watched) {
    var texts = new ArrayList<String>();
    sample(methods.train(), DemoRecipe.TOKENIZER_SOURCES, seed)
        .forEach(method -> texts.add(method.source()));
    methods.train().forEach(method -> texts.add(method.target()));
    return Tokenizer.of(
        ByteBpeTrainer.of(DemoRecipe.VOCABULARY)
            .withPattern(SplitPattern.GPT2)
            .withAddPrefixSpace(true)
            .withSentinels(DemoRecipe.SENTINELS)
            .train(watched.apply(texts)));
  }

  /// Texts that tell how many of them have been read; counting their words takes most of the time.
  private Iterable<String> watched(List<String> texts) {
    return () -> {
      var read = new AtomicLong();
      return texts.stream()
          .peek(text -> {
            if (read.incrementAndGet() % 1_000 == 0) {
              listener.progress(read.get(), texts.size());
            }
          })
          .iterator();
    };
  }

  private boolean train(MethodSplit methods, Tokenizer tokenizer, PlanRecord record) {
    String title = "Training a T5 to name methods";
    if (folder.trained()) {
      listener.skipped(title);
      return true;
    }
    begin("Turning texts into tokens");
    Examples examples = train(methods, tokenizer);
    Examples validation = validation(methods, tokenizer);
    try (TextToText model = create(record.width(), tokenizer)) {
      TrainingPlan plan = plan(model.model(), record.guess(), Freezing.NONE);
      var pace =
          new Pace(
              record,
              clock,
              shares(methods),
              batches(plan, examples),
              model.model().config(),
              plan.evaluateEvery(),
              FORWARD * validation.size() / plan.batchSize(),
              this::planned);
      var folders = new RunFolders(folder.path("checkpoints"), folder.path("model"));
      return training(
          new DemoTraining(
              "train",
              title,
              model,
              plan,
              examples,
              validation,
              folders,
              folder.path("log.jsonl"),
              folder.path("loss.png"),
              Optional.of(pace)));
    }
  }

  private void planned(PlanRecord.Plan plan, double step) {
    listener.note(
        String.format(
            Locale.ROOT,
            "at step %,d: %,d steps are planned, at %.1f ms each",
            plan.from(),
            plan.steps(),
            1000 * step));
  }

  Shares shares(MethodSplit methods) {
    return new Shares(
        Shares.seconds(arguments).orElse(0),
        Math.min(SCORED, methods.test().size()),
        arguments.compare());
  }

  static BatchPlan batches(TrainingPlan plan, Examples examples) {
    return new BatchPlan(examples, plan.rowsPerStep(), plan.poolBatches(), plan.seed());
  }

  private void score(MethodSplit methods, TextToText model) {
    String title = "Scoring on classes it has never seen";
    if (folder.result("score").isPresent()) {
      listener.skipped(title);
      return;
    }
    begin(title);
    List<MethodExample> test = sample(methods.test(), SCORED, arguments.seed());
    end("score", NamingScore.of(model, methods.train(), test, threads, listener));
  }

  // ---- for the phases in other files ----

  /// Trains as one phase, from its last checkpoint if there is one; false if it was stopped.
  boolean training(DemoTraining what) {
    return what.run(this, stop);
  }

  /// Scores the best model of a run's folder on pairs it has not seen, as one phase.
  void score(String phase, String title, Path run, List<TextPair> test) {
    begin(title);
    try (TextToText model = TextToText.load(run.resolve("best"), device)) {
      List<String> guesses =
          MethodNamer.ofTags(model)
              .name(
                  test.stream().map(TextPair::source).toList(),
                  done -> listener.progress(done, test.size()));
      NameScores scores = NameScores.of(test.stream().map(TextPair::target).toList(), guesses);
      var result = new LinkedHashMap<String, Object>();
      result.put("examples", scores.examples());
      result.put("exact_match", scores.exactMatch());
      result.put("f1", scores.f1());
      end(phase, result);
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

  /// Pairs as the model reads them; encoded in pieces, so that somebody sees how far it is.
  Examples encodePairs(List<TextPair> pairs, Tokenizer tokenizer) {
    var examples = new ArrayList<Example>(pairs.size());
    for (int from = 0; from < pairs.size(); from += ENCODED) {
      List<TextPair> piece = pairs.subList(from, Math.min(pairs.size(), from + ENCODED));
      examples.addAll(
          Pairs.of(piece).encode(tokenizer, DemoRecipe.MAX_SOURCE, DemoRecipe.MAX_TARGET, threads));
      listener.progress(examples.size(), pairs.size());
    }
    return Examples.of(examples);
  }

  /// At most `count` of a list, drawn by the seed, in the list's order.
  static <T> List<T> sample(List<T> list, int count, long seed) {
    if (list.size() <= count) {
      return list;
    }
    int[] order = Permutation.of(seed, SAMPLE, list.size());
    return Arrays.stream(order, 0, count).sorted().mapToObj(list::get).toList();
  }

  void begin(String title) {
    clock.begin(folder.result("parse").isEmpty());
    listener.phase(title);
  }

  void end(String phase, Map<String, ?> result) {
    double seconds = clock.end();
    folder.done(phase, result, seconds);
    listener.ended(seconds);
  }

  Optional<JsonObject> result(String phase) {
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

  DemoClock clock() {
    return clock;
  }

  Device device() {
    return device;
  }
}
