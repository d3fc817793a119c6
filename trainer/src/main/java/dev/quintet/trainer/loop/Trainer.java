package dev.quintet.trainer.loop;

import dev.quintet.core.shape.DType;
import dev.quintet.core.shape.Device;
import dev.quintet.core.tensor.Parameter;
import dev.quintet.models.adapt.method.AdapterMethod;
import dev.quintet.models.generate.GenerationConfig;
import dev.quintet.models.text.TextToText;
import dev.quintet.tokenizers.Tokenizer;
import dev.quintet.trainer.data.Examples;
import dev.quintet.trainer.data.FileExamples;
import dev.quintet.trainer.data.Mixture;
import dev.quintet.trainer.data.Pairs;
import dev.quintet.trainer.data.Sample;
import dev.quintet.trainer.data.Windows;
import dev.quintet.trainer.evaluate.Reply;
import dev.quintet.trainer.evaluate.Scored;
import dev.quintet.trainer.evaluate.Subset;
import dev.quintet.trainer.head.HeadData;
import dev.quintet.trainer.head.HeadKind;
import dev.quintet.trainer.head.TaskModel;
import dev.quintet.trainer.metric.Metric;
import dev.quintet.trainer.objective.SpanCorruption;
import dev.quintet.trainer.optim.AdamW;
import dev.quintet.trainer.optim.Ema;
import dev.quintet.trainer.optim.LayerRates;
import dev.quintet.trainer.optim.Optimizer;
import dev.quintet.trainer.optim.UpdateRule;
import dev.quintet.trainer.schedule.LearningRate;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.LongFunction;
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
  /// The highest learning rate if nothing is said.
  public static final double LEARNING_RATE = 3e-4;

  private static final int MOST_TOKENS = 1 << 24;
  private static final int ANSWERED = 16; // at once

  // what is not private is read where a run is put together: in Run, Planning and PartEncoder
  private final Optional<TextToText> text;
  Trainee trainee;
  private Optional<HeadKind> head = Optional.empty();
  private List<String> headLabels = List.of();
  Optional<AdapterMethod> adapter = Optional.empty();
  private Optional<DType> type = Optional.empty();
  private boolean checkpointing;
  private boolean packedRows = true;
  Pairs learned = Pairs.of(List.of());
  final List<TrainingListener> listeners = new ArrayList<>();
  final List<TrainingCallback> callbacks = new ArrayList<>();
  Supplier<PreparedPart> train = PreparedPart::nothing;
  Supplier<PreparedPart> validation = PreparedPart::nothing;
  double density = SpanCorruption.DENSITY;
  double meanSpan = SpanCorruption.MEAN_SPAN;
  OptionalLong steps = OptionalLong.empty();
  double epochs = 3;
  int batchSize = 8;
  int accumulation = 1;
  int maxSource = 512;
  int maxTarget = 128;
  OptionalInt stride = OptionalInt.empty();
  double learningRate = LEARNING_RATE;
  LearningRate.Shape schedule = LearningRate.Shape.LINEAR;
  long warmup;
  Optional<LearningRate> rate = Optional.empty();
  SequencedMap<String, Double> rates = new LinkedHashMap<>();
  OptionalDouble layerDecay = OptionalDouble.empty();
  Optional<Ema.Options> average = Optional.empty();
  OptionalDouble clipValue = OptionalDouble.empty();
  UpdateRule.NotFinite notFinite = UpdateRule.NotFinite.SKIP;
  boolean fused;
  Losses losses = Losses.PLAIN;
  boolean packing;
  Optimizer.Options optimizer = AdamW.Options.DEFAULT;
  OptionalDouble weightDecay = OptionalDouble.empty();
  double clip = 1;
  OptionalDouble dropout = OptionalDouble.empty();
  List<String> freeze = List.of();
  final TreeMap<Long, List<String>> unfreeze = new TreeMap<>();
  long seed;
  Optional<Interval> saveEvery = Optional.empty();
  Optional<Interval> evaluateEvery = Optional.empty();
  int saveLimit = 2;
  List<Metric> metrics = List.of();
  private Optional<GenerationConfig> generation = Optional.empty();
  private Optional<List<String>> labels = Optional.empty();
  int examples = Integer.MAX_VALUE;
  String select = Choice.OF_LOSS;
  OptionalInt patience = OptionalInt.empty();
  double minDelta;
  boolean autoBatch;
  Optional<Path> warmStart = Optional.empty();
  boolean moments;
  Pairs validated = Pairs.of(List.of());
  Pairs tested = Pairs.of(List.of());
  boolean testLater;
  boolean pairs;
  boolean resume;
  BooleanSupplier stop = () -> false;

  private Trainer(Trainee trainee, Optional<TextToText> text) {
    this.trainee = trainee;
    this.text = text;
  }

  /// A trainer of this model.
  public static Trainer of(TextToText text) {
    Objects.requireNonNull(text, "text");
    return new Trainer(new TextTrainee(text), Optional.of(text));
  }

  /// A trainer of a model with a task's head.
  public static Trainer ofHead(TaskModel task) {
    Objects.requireNonNull(task, "task");
    return new Trainer(new HeadTrainee(task), Optional.empty());
  }

  /// Trains a new head on a copy of the model's stacks in place of the model itself; `best` and `last` are then folders for
  /// [TaskModel#load].
  ///
  /// @param kind what it answers, and what targets are
  /// @param labels the classes, or the labels of words; where there are none, those of the training data
  /// @throws IllegalArgumentException if the model has a head already
  public Trainer head(HeadKind kind, List<String> labels) {
    if (text.isEmpty()) {
      throw new IllegalArgumentException("the model has a head already");
    }
    head = Optional.of(kind);
    headLabels = List.copyOf(labels);
    return this;
  }

  /// Trains a new adapter on the model in place of the model itself; `best` and `last` are then the adapter's folders, as peft has
  /// them, for [dev.quintet.models.adapt.Adapters#load]. The model, which no run changes, has none of it afterwards. Where
  /// it was never loaded from a folder, it is saved as `base` beside them.
  ///
  /// @param method such as `Lora.rank(8).withAlpha(16)`
  /// @throws IllegalArgumentException if the model has a head
  public Trainer adapter(AdapterMethod method) {
    if (text.isEmpty()) {
      throw new IllegalArgumentException(
          "adapters sit on models that write, and this one has a head: train it whole, or freeze a part of it");
    }
    adapter = Optional.of(method);
    return this;
  }

  // ---- data ----

  /// Learns from the first part, keeps the model that is best on the second, and scores that one on the third at the end.
  public Trainer data(Pairs.Splits splits) {
    Objects.requireNonNull(splits, "splits");
    return data(splits.train(), splits.validation()).test(splits.test());
  }

  /// Scores the best model on these pairs: once, at the end.
  ///
  /// @param part may be empty
  public Trainer test(Pairs part) {
    tested = Objects.requireNonNull(part, "part");
    return this;
  }

  /// The pairs that it was given: to learn from, to choose the best model by, and to score that one on at the end. Running text
  /// is no pairs.
  public Pairs.Splits splits() {
    return new Pairs.Splits(learned, validated, tested);
  }

  /// Learns from pairs and keeps the model that is best on others.
  ///
  /// @param learn at least one pair
  /// @param validate may be empty; then the last model counts as the best
  public Trainer data(Pairs learn, Pairs validate) {
    Objects.requireNonNull(learn, "learn");
    Objects.requireNonNull(validate, "validate");
    pairs = true;
    train = () -> parts().learnable(learn, packing);
    validation = () -> parts().answerable(validate);
    validated = validate;
    learned = learn;
    return this;
  }

  /// Learns several tasks at once: each example is of a task that is drawn with the rates of [Mixture#rates], and each task goes
  /// through its pairs by epochs of its own. An epoch of the run has as many examples as all tasks have pairs.
  ///
  /// @param learn the pairs of each task, by its name
  /// @param limit above which a task's size does not count
  /// @param temperature 1 keeps the sizes' proportions; the larger, the nearer to equal shares
  /// @param validate pairs of all tasks that decide which model is best; may be empty
  public Trainer mixture(
      SequencedMap<String, Pairs> learn, double limit, double temperature, Pairs validate) {
    var tasks = new LinkedHashMap<>(learn);
    var all = new ArrayList<Sample>();
    tasks.forEach((name, of) -> {
      if (of.size() == 0) {
        throw new IllegalArgumentException("the task \"" + name + "\" has no pairs to learn from");
      }
      all.addAll(of.samples());
    });
    long[] sizes = tasks.values().stream().mapToLong(Pairs::size).toArray();
    var _ = Mixture.rates(sizes, limit, temperature); // checks both
    data(Pairs.ofSamples(all), validate);
    train = () -> parts().mixed(tasks, limit, temperature);
    return this;
  }

  /// Learns in each epoch from other pairs, such as rows that are augmented anew, and validates with pairs that stay.
  ///
  /// @param learn the pairs of an epoch, counted from 0: as many as of the first, and the same whenever it is asked, so that a
  ///     run that goes on learns from the same
  /// @param validate decides which model is best; may be empty
  public Trainer eachEpoch(LongFunction<Pairs> learn, Pairs validate) {
    data(Objects.requireNonNull(learn, "learn").apply(0), validate);
    train = () -> parts().anew(learn);
    return this;
  }

  /// Learns from examples that are made when the run begins, such as [FileExamples] of files too large for memory, which
  /// are closed at its end.
  ///
  /// @param learn makes those to learn from with the model's tokenizer
  /// @param validate makes those that decide which model is best; may give none
  public Trainer encoded(
      Function<Tokenizer, Examples> learn, Function<Tokenizer, Examples> validate) {
    Objects.requireNonNull(learn, "learn");
    Objects.requireNonNull(validate, "validate");
    pairs = true;
    train = () -> PreparedPart.of(learn.apply(trainee.tokenizer()));
    validation = () -> PreparedPart.of(validate.apply(trainee.tokenizer()));
    return this;
  }

  /// Learns from examples that are made when the run begins, and is measured on pairs that are there only then.
  ///
  /// @param learn makes those to learn from with the model's tokenizer, before the others are asked for
  /// @param validate gives those that decide which model is best; may give none
  /// @param test gives those that the best model is scored on once, at the end; may give none
  public Trainer encoded(
      Function<Tokenizer, Examples> learn, Supplier<Pairs> validate, Supplier<Pairs> test) {
    encoded(learn, _ -> Examples.of(List.of()));
    testLater = true;
    validation =
        () -> {
          validated = validate.get();
          tested = test.get();
          return parts().answerable(validated);
        };
    return this;
  }

  /// Learns from running text by span corruption, as T5 was pre-trained.
  ///
  /// @param learn documents
  /// @param validate other documents; may be empty
  public Trainer documents(List<String> learn, List<String> validate) {
    pairs = false;
    List<String> learned = List.copyOf(Objects.requireNonNull(learn, "learn"));
    List<String> held = List.copyOf(Objects.requireNonNull(validate, "validate"));
    train = () -> parts().corrupted("training", learned);
    validation = () -> parts().corrupted("validation", held);
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

  /// Cuts sources that are too long into windows of their [dev.quintet.trainer.data.Passage], rather than to its beginning.
  /// The model learns from those that hold an answer; asked, it answers in each, and the likeliest answer counts: the one
  /// with the highest mean log-probability.
  ///
  /// @param common tokens that neighbouring windows have in common; at most a half of what a window has room for counts
  /// @throws IllegalArgumentException if it is negative
  public Trainer windows(int common) {
    OptionalInt tokens = OptionalInt.of(common);
    var _ = new Windows(trainee.tokenizer(), maxSource, tokens); // checks it
    stride = tokens;
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

  /// The learning rate of each step, in place of [#learningRate], [#schedule] and [#warmup].
  ///
  /// @param whole such as `ScheduleSettings.named` gives
  public Trainer rate(LearningRate whole) {
    rate = Optional.of(Objects.requireNonNull(whole, "whole"));
    return this;
  }

  /// Each parameter's factor of the learning rate, by patterns as [#freeze] reads them; the last one that matches counts, and 1
  /// if none does.
  ///
  /// @param patterns such as `decoder.*`, with factors of at least 0
  public Trainer rates(SequencedMap<String, Double> patterns) {
    rates = new LinkedHashMap<>(patterns);
    return this;
  }

  /// Layer-wise decay of the learning rate, from the last block down: see [LayerRates#decayed]. Multiplies [#rates]. None if
  /// nothing is said.
  ///
  /// @param decay above 0 and at most 1
  /// @throws IllegalArgumentException if it is out of range
  public Trainer layerDecay(double decay) {
    var _ = LayerRates.decayed(List.of(), decay); // checks it
    layerDecay = OptionalDouble.of(decay);
    return this;
  }

  /// Keeps an average of the weights that train, which is evaluated and saved as `ema` beside the live ones. None if nothing is
  /// said.
  ///
  /// @param options how fast it forgets; [Ema.Options#DEFAULT]
  public Trainer ema(Ema.Options options) {
    average = Optional.of(Objects.requireNonNull(options, "options"));
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

  /// Clamps every element of the gradients to [-c, c], after their norm was measured, in place of [#clip].
  ///
  /// @param c above 0
  /// @throws IllegalArgumentException if it is not
  public Trainer clipValue(double c) {
    var _ = UpdateRule.decay(0).withClipValue(c); // checks it
    clipValue = OptionalDouble.of(c);
    return this;
  }

  /// What becomes of a step whose loss or gradient is not finite: it is skipped if nothing is said.
  public Trainer notFinite(UpdateRule.NotFinite end) {
    notFinite = Objects.requireNonNull(end, "end");
    return this;
  }

  /// Updates each parameter on the way back, as soon as its gradient is whole, and frees that: the gradients of all are never
  /// held. The numbers are those of steps without clipping by the norm, bit for bit. Off if nothing is said.
  ///
  /// It goes neither with clipping by the norm (`clip(Double.POSITIVE_INFINITY)` leaves it out, [#clipValue] is fine) nor with
  /// skipping steps that are not finite (set [#notFinite] to FAIL: the first gradient that is not finite then ends the run before
  /// anything of the step is written), nor with accumulation, [#autoBatch] or a callback that reads gradients.
  public Trainer fusedUpdate(boolean on) {
    fused = on;
    return this;
  }

  /// Label smoothing e of the training's loss, (1 - e) nll + e mean(-log p), as in transformers and PyTorch. The validation
  /// loss is without it, so that runs compare. 0 if nothing is said.
  ///
  /// @param share from 0 to below 1
  /// @throws IllegalArgumentException if it is out of range
  public Trainer labelSmoothing(double share) {
    losses = new Losses(share, losses.zLoss());
    return this;
  }

  /// Adds to the training's loss of each label this times log²Z, which keeps the logits from drifting; 1e-4 by custom. The
  /// validation loss is without it. 0 if nothing is said.
  ///
  /// @param factor at least 0
  /// @throws IllegalArgumentException if it is negative or not finite
  public Trainer zLoss(double factor) {
    losses = new Losses(losses.smoothing(), factor);
    return this;
  }

  /// Lets several pairs share a row of the training, as far as the longest source and target allow, which do not see one
  /// another: less padding, and what each pair has alone but for dropout. A batch then counts rows, not pairs. Off if nothing is
  /// said.
  public Trainer packing(boolean on) {
    packing = on;
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
    trainee.checkpointing(on);
    checkpointing = on;
    return this;
  }

  /// Whether padding is left out of the work of a batch that has some, which costs what its tokens do. Losses are those with
  /// padding and gradients too, but for rounding; a run that is resumed has to say the same. On if nothing is said.
  public Trainer packedRows(boolean on) {
    trainee.model().packedRows(on);
    packedRows = on;
    return this;
  }

  /// Gives the model this element type, its own if nothing is said. In bfloat16 weights and what is computed of them take half the
  /// memory; the optimizer keeps float32 masters, of which the run's checkpoints know.
  ///
  /// @param type float32 or bfloat16
  public Trainer type(DType type) {
    trainee.model().to(type);
    this.type = Optional.of(type);
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
    return saveEvery(Interval.steps(count));
  }

  /// How often a checkpoint is written.
  public Trainer saveEvery(Interval interval) {
    saveEvery = Optional.of(interval);
    return this;
  }

  /// How many of the newest checkpoints are kept, 2 if nothing is said; that of the best model stays beside them.
  public Trainer saveLimit(int count) {
    saveLimit = count;
    return this;
  }

  /// Steps between evaluations; an epoch, and at least ten in all, if nothing is said.
  public Trainer evaluateEvery(long count) {
    return evaluateEvery(Interval.steps(count));
  }

  /// How often the model is evaluated.
  public Trainer evaluateEvery(Interval interval) {
    evaluateEvery = Optional.of(interval);
    return this;
  }

  /// Halves the rows of a forward, and doubles the forwards of a step, where there is no memory for one; off if nothing is said.
  public Trainer autoBatch(boolean on) {
    autoBatch = on;
    return this;
  }

  // ---- evaluation ----

  /// Puts the answers to validation and test sources to these metrics, at every evaluation, beside the loss.
  ///
  /// @throws IllegalArgumentException if two of their scores have one name
  public Trainer metrics(Metric... some) {
    var names = new TreeSet<>(List.of(Choice.OF_LOSS));
    for (Metric metric : some) {
      for (String name : metric.names()) {
        if (!names.add(name)) {
          throw new IllegalArgumentException(
              "two of the metrics have a score called \"" + name + "\": leave one of them out");
        }
      }
    }
    metrics = List.of(some);
    return this;
  }

  /// How the model answers at evaluations; by its own options if nothing is said.
  public Trainer answers(GenerationConfig options) {
    generation = Optional.of(options);
    labels = Optional.empty();
    return this;
  }

  /// Has the model choose answers among labels: the one with the highest mean log-probability.
  public Trainer rank(List<String> among) {
    labels = Optional.of(List.copyOf(among));
    generation = Optional.empty();
    return this;
  }

  /// How many validation sources are answered at an evaluation, always the same ones; all if nothing is said. The loss is that
  /// of all rows, and the test part is answered whole.
  public Trainer examples(int most) {
    if (most < 1) {
      throw new IllegalArgumentException("at least 1 example is answered, not " + most);
    }
    examples = most;
    return this;
  }

  /// The score by which the best model is chosen: `loss`, which it is if nothing is said, or one of a metric's names.
  public Trainer select(String score) {
    select = Objects.requireNonNull(score, "score");
    return this;
  }

  /// Ends the run after so many evaluations in a row without progress.
  public Trainer patience(int evaluations) {
    patience = OptionalInt.of(evaluations);
    return this;
  }

  /// By more than how much an evaluation has to be better to count as progress; 0 if nothing is said.
  public Trainer minDelta(double difference) {
    minDelta = difference;
    return this;
  }

  // ---- who watches and takes part ----

  /// Adds somebody who takes part in the run.
  public Trainer callback(TrainingCallback callback) {
    callbacks.add(Objects.requireNonNull(callback, "callback"));
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

  /// Begins with the weights of another run: those of its best model, or with the moments of its optimizer too, those of its
  /// newest checkpoint.
  ///
  /// @param run the other run's folder
  /// @param withMoments whether the optimizer goes on where the other's was
  public Trainer warmStart(Path run, boolean withMoments) {
    warmStart = Optional.of(run);
    moments = withMoments;
    return this;
  }

  /// Continues the run in the folder; where none was begun yet, or it had saved nothing, it starts from the beginning. With more
  /// steps or epochs than before, a finished run is extended.
  public Trainer resume() {
    resume = true;
    return this;
  }

  /// What is stored small would be passed over, and all but a few norms would stay as they are.
  private void requireFloats() {
    List<Parameter> small =
        trainee.model().parameters().values().stream()
            .filter(parameter -> parameter.form().isPresent())
            .toList();
    if (!small.isEmpty()) {
      throw new IllegalArgumentException(
          "training: "
              + small.size()
              + " weights of the model, such as "
              + small.getFirst().described()
              + ", are stored as "
              + small.getFirst().form().orElseThrow().precision()
              + ", which does not train: load it with LoadOptions.withPrecision(Precision.F32), or make float32 of the folder"
              + " with `quintet convert --weights f32`");
    }
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
    requireFloats();
    if (adapter.isPresent()) {
      return adapted(out, adapter.get());
    }
    if (head.isEmpty()) {
      return new Run(this).into(out);
    }
    if (!pairs) {
      throw new IllegalArgumentException("a head learns from pairs, and not by span corruption");
    }
    List<String> found = headLabels.isEmpty() ? HeadData.labels(head.get(), learned) : headLabels;
    Trainee before = trainee;
    try (TaskModel task = TaskModel.of(text.orElseThrow(), head.get(), found, seed)) {
      trainee = new HeadTrainee(task);
      type.ifPresent(task.model()::to);
      if (checkpointing) {
        trainee.checkpointing(true);
      }
      if (!packedRows) {
        task.model().packedRows(false);
      }
      return new Run(this).into(out);
    } finally {
      trainee = before;
    }
  }

  private TrainingResult adapted(Path out, AdapterMethod method) {
    if (head.isPresent()) {
      throw new IllegalArgumentException(
          "adapters sit on models that write, and a head is to be trained: leave out one of the two");
    }
    if (!freeze.isEmpty() || !unfreeze.isEmpty()) {
      throw new IllegalArgumentException(
          "beside an adapter all of the model stays frozen, so nothing is to be frozen or thawed: leave that out; modules_to_save of"
              + " the adapter trains parts of the model as a whole");
    }
    Trainee before = trainee;
    try (var sliver = new AdapterTrainee(text.orElseThrow(), method, seed)) {
      trainee = sliver;
      return new Run(this).into(out);
    } finally {
      trainee = before;
    }
  }

  // ---- without training ----

  /// Has the model answer, and puts the answers to the metrics; changes nothing, and writes nothing.
  ///
  /// @param asked pairs to answer, at least one
  /// @return the loss of all pairs, the scores, and each answer with its own
  public Scored evaluate(Pairs asked) {
    if (asked.size() == 0) {
      throw new IllegalArgumentException("there is nothing to evaluate on: no pairs");
    }
    Exam exam = exam(asked, parts().answerable(asked), Integer.MAX_VALUE, Path.of(""));
    Device device = trainee.model().parameters().values().iterator().next().device();
    return exam.scored(trainee.learner(Optional.of(maxTarget), losses), device);
  }

  /// The model's answers to sources, found as evaluations find them.
  public List<Reply> predict(List<String> sources) {
    return trainee.answerer(ask()).answer(sources);
  }

  /// Answers sources whose [dev.quintet.trainer.data.Passage] alone is cut where they are too long: at its end, or into
  /// [#windows], of which the one with the likeliest answer counts. What the pairs have as answers is not looked at.
  public List<Reply> predict(Pairs asked) {
    return trainee.answerer(ask()).best(parts().questions(asked));
  }

  /// What makes its data into token ids.
  private PartEncoder parts() {
    return new PartEncoder(this);
  }

  /// Questions from pairs that have been encoded.
  Exam exam(Pairs asked, PreparedPart prepared, int most, Path out) {
    List<Sample> samples = asked.samples();
    List<Integer> chosen = Subset.of(samples, most);
    return new Exam(
        chosen.stream().map(samples::get).toList(),
        prepared.questions(samples, chosen),
        chosen.stream().map(i -> prepared.examples().example(i, 0)).toList(),
        trainee.answerer(ask()),
        metrics,
        trainee.model().config().padId(),
        out);
  }

  private Trainee.Ask ask() {
    return new Trainee.Ask(generation, labels, maxSource, maxTarget, Math.max(ANSWERED, batchSize));
  }
}
