package dev.quintet.trainer.loop;

import dev.quintet.core.cpu.CpuBackend;
import dev.quintet.core.io.AtomicDirectory;
import dev.quintet.core.shape.DType;
import dev.quintet.models.json.JsonObject;
import dev.quintet.models.text.TextToText;
import dev.quintet.tokenizers.Tokenizer;
import dev.quintet.trainer.data.EncodedPairs;
import dev.quintet.trainer.data.Examples;
import dev.quintet.trainer.data.Pairs;
import dev.quintet.trainer.objective.CorruptedText;
import dev.quintet.trainer.objective.SpanCorruption;
import dev.quintet.trainer.objective.SpanLengths;
import dev.quintet.trainer.optim.AdamW;
import dev.quintet.trainer.optim.Optimizer;
import dev.quintet.trainer.optim.UpdateRule;
import dev.quintet.trainer.schedule.Freezing;
import dev.quintet.trainer.schedule.LearningRate;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/// Fine-tunes a model on text pairs, or pre-trains it on running text, into a folder.
///
/// ```java
/// Trainer.of(t5).data(Pairs.jsonl(Path.of("train.jsonl"), "question", "answer").split(0.8, 0.1, 0.1))
///     .epochs(3).learningRate(3e-4).run(Path.of("out"));
/// ```
///
/// The folder then holds `best` and `last`, both model folders with the tokenizer, `log.jsonl`, `checkpoints` and
/// `run.json`, the settings. A run that was cut short continues bit for bit with [#resume]. The model that it
/// was given is trained in place; it stays the caller's to close. [TrainingLoop] is what runs underneath.
public final class Trainer {
  private static final int POOL_BATCHES = 50;
  private static final int MOST_TOKENS = 1 << 24;
  private static final int LONGEST_TARGET = 131_072;

  private final TextToText text;
  private final List<TrainingListener> listeners = new ArrayList<>();
  private Supplier<Prepared> train = Prepared::nothing;
  private Supplier<Prepared> validation = Prepared::nothing;
  private double density = SpanCorruption.DENSITY;
  private double meanSpan = SpanCorruption.MEAN_SPAN;
  private OptionalLong steps = OptionalLong.empty();
  private double epochs = 3;
  private int batchSize = 8;
  private int accumulation = 1;
  private int maxSource = 512;
  private int maxTarget = 128;
  private double learningRate = 3e-4;
  private LearningRate.Shape schedule = LearningRate.Shape.LINEAR;
  private long warmup;
  private Optimizer.Options optimizer = AdamW.Options.DEFAULT;
  private OptionalDouble weightDecay = OptionalDouble.empty();
  private double clip = 1;
  private OptionalDouble dropout = OptionalDouble.empty();
  private List<String> freeze = List.of();
  private final TreeMap<Long, List<String>> unfreeze = new TreeMap<>();
  private long seed;
  private OptionalLong saveEvery = OptionalLong.empty();
  private OptionalLong evaluateEvery = OptionalLong.empty();
  private boolean pairs;
  private boolean resume;
  private BooleanSupplier stop = () -> false;

  private Trainer(TextToText text) {
    this.text = text;
  }

  /// A trainer of this model.
  public static Trainer of(TextToText text) {
    Objects.requireNonNull(text, "text");
    return new Trainer(text);
  }

  // ---- data ----

  /// Learns from the first part and keeps the model that is best on the second.
  public Trainer data(Pairs.Splits splits) {
    Objects.requireNonNull(splits, "splits");
    return data(splits.train(), splits.validation());
  }

  /// Learns from pairs and keeps the model that is best on others.
  ///
  /// @param learn at least one pair
  /// @param validate may be empty; then the last model counts as the best
  public Trainer data(Pairs learn, Pairs validate) {
    Objects.requireNonNull(learn, "learn");
    Objects.requireNonNull(validate, "validate");
    pairs = true;
    train = () -> encode(learn);
    validation = () -> encode(validate);
    return this;
  }

  /// Learns from running text by span corruption, as T5 was pre-trained.
  ///
  /// @param learn documents
  /// @param validate other documents; may be empty
  public Trainer documents(List<String> learn, List<String> validate) {
    pairs = false;
    List<String> learned = List.copyOf(Objects.requireNonNull(learn, "learn"));
    List<String> validated = List.copyOf(Objects.requireNonNull(validate, "validate"));
    train = () -> corrupt("training", learned);
    validation = () -> corrupt("validation", validated);
    return this;
  }

  /// How running text is corrupted, by the T5 paper's numbers if nothing is said.
  ///
  /// @param share of the tokens that are hidden, between 0 and 1
  /// @param mean length of a hidden span in tokens, at least 1
  /// @throws IllegalArgumentException if one is out of range
  public Trainer spans(double share, double mean) {
    var _ = new SpanCorruption(share, mean, 0, i -> i, 0); // checks them
    density = share;
    meanSpan = mean;
    return this;
  }

  // ---- numbers ----

  /// How often all examples are seen, 3 if nothing is said; parts of an epoch count too.
  public Trainer epochs(double count) {
    if (!(count > 0 && count < 1e9)) {
      throw new IllegalArgumentException("epochs is a positive number, not " + count);
    }
    epochs = count;
    steps = OptionalLong.empty();
    return this;
  }

  /// Optimizer steps, in place of epochs.
  public Trainer steps(long count) {
    steps = OptionalLong.of(count);
    return this;
  }

  /// Rows of a forward, 8 if nothing is said.
  public Trainer batchSize(int rows) {
    batchSize = rows;
    return this;
  }

  /// Forwards whose gradients make one step, 1 if nothing is said.
  public Trainer accumulation(int forwards) {
    accumulation = forwards;
    return this;
  }

  /// The longest source and target in tokens, the end token included; 512 and 128 if nothing is said.
  ///
  /// @throws IllegalArgumentException if one is below 1 or above 2^24
  public Trainer maxLengths(int source, int target) {
    if (Math.min(source, target) < 1 || Math.max(source, target) > MOST_TOKENS) {
      throw new IllegalArgumentException(
          "the longest sources and targets have from 1 to %,d tokens, not %,d and %,d"
              .formatted(MOST_TOKENS, source, target));
    }
    maxSource = source;
    maxTarget = target;
    return this;
  }

  /// The highest learning rate, 3e-4 if nothing is said.
  public Trainer learningRate(double peak) {
    learningRate = peak;
    return this;
  }

  /// The way down from the highest rate, linear if nothing is said.
  public Trainer schedule(LearningRate.Shape shape) {
    schedule = Objects.requireNonNull(shape, "shape");
    return this;
  }

  /// Steps on the way up to the highest rate, 0 if nothing is said.
  public Trainer warmup(long count) {
    warmup = count;
    return this;
  }

  /// The optimizer's constants, [AdamW.Options#DEFAULT] if nothing is said; `Adafactor.Options` has another's, and
  /// [Optimizer] says how to write your own.
  ///
  /// Where it has a rate of its own, [#learningRate], [#schedule] and [#warmup] are not read.
  public Trainer optimizer(Optimizer.Options options) {
    optimizer = Objects.requireNonNull(options, "options");
    return this;
  }

  /// The optimizer's decay of weights; norms and biases never decay. If nothing is said, 0.01 with AdamW and 0 with
  /// others.
  public Trainer weightDecay(double decay) {
    if (!(decay >= 0 && decay < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException("weight decay is at least 0, not " + decay);
    }
    weightDecay = OptionalDouble.of(decay);
    return this;
  }

  /// The global norm that gradients are clipped to, 1 if nothing is said; infinite leaves them.
  public Trainer clip(double norm) {
    clip = norm;
    return this;
  }

  /// Sets every dropout of the model; its own if nothing is said.
  public Trainer dropout(double probability) {
    dropout = OptionalDouble.of(probability);
    return this;
  }

  /// Gradient checkpointing: keeps only what goes from block to block and computes the rest anew in the backward, for a fraction
  /// of the memory and about a third more time. No result depends on it. Off if nothing is said.
  public Trainer checkpointing(boolean on) {
    text.model().checkpointing(on);
    return this;
  }

  /// Gives the model this element type, its own if nothing is said. In bfloat16 weights and what is computed of them take half the
  /// memory; the optimizer keeps float32 masters, of which the run's checkpoints know.
  ///
  /// @param type float32 or bfloat16
  public Trainer type(DType type) {
    text.model().to(type);
    return this;
  }

  /// The seed of the data's order, of dropout and of span corruption, 0 if nothing is said.
  public Trainer seed(long value) {
    seed = value;
    return this;
  }

  // ---- freezing ----

  /// Freezes what the patterns match, as [dev.quintet.core.nn.Module#freeze] reads them; the model is otherwise trained
  /// as its owner froze it.
  public Trainer freeze(String... patterns) {
    freeze = List.of(Objects.requireNonNull(patterns, "patterns"));
    return this;
  }

  /// Lets train from a step on what the patterns match; step 0 is the start.
  public Trainer unfreeze(long step, String... patterns) {
    unfreeze.put(step, List.of(Objects.requireNonNull(patterns, "patterns")));
    return this;
  }

  // ---- the run ----

  /// Steps between checkpoints; about a minute of work if nothing is said.
  public Trainer saveEvery(long count) {
    saveEvery = OptionalLong.of(count);
    return this;
  }

  /// Steps between evaluations; an epoch, and at least ten in all, if nothing is said.
  public Trainer evaluateEvery(long count) {
    evaluateEvery = OptionalLong.of(count);
    return this;
  }

  /// Adds somebody who watches.
  public Trainer listener(TrainingListener listener) {
    listeners.add(Objects.requireNonNull(listener, "listener"));
    return this;
  }

  /// Asked after each step; true writes a checkpoint and ends the run, whose result says `stopped`.
  public Trainer stopWhen(BooleanSupplier condition) {
    stop = Objects.requireNonNull(condition, "condition");
    return this;
  }

  /// Continues the run in the folder; where none was begun yet, or it had saved nothing, it starts from the beginning.
  public Trainer resume() {
    resume = true;
    return this;
  }

  /// Trains. Only what this run made is ever replaced in the folder; other names in it are left alone.
  ///
  /// @param out the folder; made if it is missing
  /// @throws OtherRunException if it holds a run and [#resume] was not called, or one with other settings; if another run is
  ///     writing there; if something that would be written is there and the run did not make it
  /// @throws IllegalArgumentException if there is nothing to learn from, everything is frozen, or a number is out of range
  /// @throws TrainingException if gradients are not finite for many steps in a row, or no step changed anything
  public TrainingResult run(Path out) {
    Objects.requireNonNull(out, "out");
    var log = new JsonLog(out.resolve("log.jsonl"));
    var watching = new ArrayList<TrainingListener>(List.of(log));
    watching.addAll(listeners);
    var record = new RunRecord(out, watching.stream().flatMap(l -> l.writes().stream()).toList());
    record.check(resume);
    dropout.ifPresent(probability -> text.model().dropout((float) probability));
    Prepared learning = train.get();
    Prepared validating = validation.get();
    Examples learn = learning.examples();
    Examples validate = validating.examples();
    TrainingPlan plan = plan(learn.size());
    plan.freezing().check(text.model(), plan.steps());
    RunFolders folders = RunFolders.in(out);
    var learner = new T5Learner(answering());
    Map<String, String> settings = RunRecord.settings(plan, learn, validate, learner);
    try (var _ = record.lock();
        log) {
      record.begin(
          settings,
          resume,
          begun -> isAsLeft(begun, settings.getOrDefault(RunRecord.MODEL, ""), plan, folders));
      announce(new TrainingData(learning.part(), validating.part()));
      TrainingResult result =
          new TrainingLoop(learner, plan, learn, validate, folders, watching, stop).run(resume);
      AtomicDirectory.write(record.last(), learner::save);
      if (validate.size() == 0 && !result.stopped()) {
        AtomicDirectory.write(folders.best(), learner::save);
      }
      return result;
    }
  }

  /// Whether the model, which is not what the run began with, is what it wrote last: trained in place, and not let go since.
  private boolean isAsLeft(String begun, String now, TrainingPlan plan, RunFolders folders) {
    boolean frozenByPlan = !plan.freezing().equals(Freezing.NONE);
    return (frozenByPlan || Fingerprint.sameParameters(begun, now))
        && CheckpointStore.newestHolds(folders.checkpoints(), text.model().parameters());
  }

  private TrainingPlan plan(int examples) {
    if (examples == 0) {
      throw new IllegalArgumentException("there are no examples to train on");
    }
    var rate =
        optimizer.ownRate()
            ? LearningRate.constant(1)
            : new LearningRate(schedule, learningRate, warmup, 0);
    double decay = weightDecay.orElse(optimizer.defaultDecay());
    TrainingPlan small =
        TrainingPlan.of(1, batchSize, rate, seed).withAccumulation(batchSize, accumulation);
    long perEpoch = (examples + (long) small.rowsPerStep() - 1) / small.rowsPerStep();
    long all = steps.orElse(Math.max(1, (long) Math.ceil(epochs * perEpoch)));
    long tokens = small.rowsPerStep() * ((long) maxSource + maxTarget);
    long minute = TrainingPlan.minuteOfSteps(text.model().parameterCount(), tokens);
    return TrainingPlan.of(all, batchSize, rate, seed)
        .withAccumulation(batchSize, accumulation)
        .withPoolBatches(POOL_BATCHES)
        .withUpdate(UpdateRule.decay(decay), optimizer, clip)
        .withFreezing(new Freezing(freeze, unfreeze))
        .withPad(text.model().config().padId())
        .withEvery(
            saveEvery.orElse(minute),
            evaluateEvery.orElse(Math.min(perEpoch, Math.max(1, (all + 9) / 10))));
  }

  /// The model as it is saved: where nobody has said how long answers may be, as long as a target.
  private TextToText answering() {
    JsonObject said = text.generation().toJson();
    return !pairs || said.has("max_new_tokens") || said.has("max_length")
        ? text
        : text.withGeneration(text.generation().withMaxNewTokens(maxTarget));
  }

  /// Tells whoever watches, or else the log.
  private void announce(TrainingData data) {
    if (listeners.isEmpty()) {
      System.Logger log = System.getLogger("dev.quintet.trainer.loop");
      data.remarks().forEach(remark -> log.log(System.Logger.Level.WARNING, remark));
    }
    listeners.forEach(listener -> listener.prepared(data));
  }

  /// Examples, and what became of their texts.
  private record Prepared(Examples examples, TrainingData.Part part) {

    static Prepared nothing() {
      return of(Examples.of(List.of()));
    }

    static Prepared of(Examples examples) {
      return new Prepared(
          examples, new TrainingData.Part(examples.size(), Optional.empty(), Optional.empty()));
    }
  }

  private Prepared encode(Pairs pairs) {
    EncodedPairs encoded =
        pairs.encoded(text.tokenizer(), maxSource, maxTarget, CpuBackend.threads());
    return new Prepared(
        Examples.of(encoded.examples()),
        new TrainingData.Part(
            pairs.size(), Optional.of(encoded.sources()), Optional.of(encoded.targets())));
  }

  private Prepared corrupt(String part, List<String> documents) {
    if (documents.isEmpty()) {
      return Prepared.nothing();
    }
    Tokenizer tokenizer = text.tokenizer();
    int[] sentinels = sentinels(tokenizer);
    int eos = tokenizer.eosId().orElse(text.model().config().eosId());
    var corruption =
        new SpanCorruption(density, meanSpan, eos, i -> sentinels[i], sentinels.length);
    requireSentinels(sentinels.length);
    List<int[]> ids = new ArrayList<>();
    documents.forEach(document -> ids.add(tokenizer.encode(document, false).ids()));
    var pieces = new CorruptedText(ids, corruption, maxSource, seed);
    if (pieces.size() == 0) {
      throw new IllegalArgumentException(
          "span corruption: the " + part + " documents have fewer than 2 tokens in all");
    }
    return Prepared.of(pieces);
  }

  /// Refuses lengths at the start that would otherwise fail at the first full piece.
  private void requireSentinels(int sentinels) {
    SpanLengths lengths = SpanLengths.fitting(maxSource, density, meanSpan);
    if (lengths.target() > LONGEST_TARGET) {
      throw new IllegalArgumentException(
          "span corruption: sources of %,d tokens that hide %s of the text make targets of %,d; hide less, or allow shorter sources"
              .formatted(maxSource, density, lengths.target()));
    }
    double fitting = meanSpan;
    while (SpanLengths.fitting(maxSource, density, fitting).spans() > sentinels) {
      fitting = Math.floor(fitting) + 1;
    }
    if (fitting > meanSpan) {
      throw new IllegalArgumentException(
          "span corruption: sources of %,d tokens make %,d spans, but the tokenizer has %,d sentinels; raise the mean span (mean_span) to %.0f, or allow shorter sources (max_source)"
              .formatted(maxSource, lengths.spans(), sentinels, fitting));
    }
  }

  private static int[] sentinels(Tokenizer tokenizer) {
    int[] ids = new int[1000];
    int count = 0;
    while (count < ids.length && tokenizer.sentinelId(count).isPresent()) {
      ids[count] = tokenizer.sentinelId(count).getAsInt();
      count++;
    }
    if (count == 0) {
      throw new IllegalArgumentException(
          "span corruption needs sentinels, and the tokenizer has no <extra_id_0>");
    }
    return Arrays.copyOf(ids, count);
  }
}
