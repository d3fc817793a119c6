package dev.quintet.app.cli;

import dev.quintet.models.adapt.AdapterMethods;
import dev.quintet.models.adapt.method.AdapterKind;
import dev.quintet.models.json.JsonObject;
import dev.quintet.trainer.optim.OptimizerSettings;
import dev.quintet.trainer.schedule.ScheduleSettings;
import dev.quintet.trainer.score.Metrics;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/// The keys of `train`'s file, what each takes and what it means. Help and checks are made of this.
enum TrainKey {
  RECIPE("a name", "settings over which these are laid; recipes lists them"),
  MODEL("a folder", "the model to go on from, with its tokenizer"),
  CONFIG(
      "an object or a file",
      "in place of model, to start from scratch: sizes under the names of config.json"),
  TOKENIZER("a file or folder", "needed with config; with model in place of its own"),
  TARGET_TOKENIZER(
      "a file or folder",
      "with config: another tokenizer for targets, and an embedding for each; the same padding and end in both"),
  OBJECTIVE(
      "seq2seq or span_corruption",
      "pairs, or running text as T5 was pre-trained. Default: seq2seq"),
  TRAIN(
      "a file, or names as data takes them",
      "rows to learn from: JSON objects, one a line; or JSON, CSV, TSV, text, folders, patterns, gzip"),
  VALIDATION("the same", "rows that decide which model is best. Default: none, the last is"),
  TEST(
      "the same",
      "rows that are kept from training and scored once, at the end; what leaks into them is removed"),
  DATA(
      "an object",
      "how rows are read, cleaned and dealt, with the keys of data (data --help): files in place of train, columns, source and"
          + " target as templates, prefix, drop, near_duplicates, split, leakage, augment, stream; OUT/data.json says what went and why"),
  TASKS(
      "a list of objects",
      "several tasks at once, in place of train and data: [{\"name\": \"qa\", \"train\": ..., validation, test, data, source_field,"
          + " target_field}, ...]; OUT/log.jsonl says how many examples of each are seen"),
  MIXTURE(
      "an object",
      "how tasks share the training, size^(1/temperature) of sizes up to limit: {\"limit\": 2097152, \"temperature\": 1}"),
  SOURCE_FIELD("a name", "the field of sources. Default: source; with span_corruption text"),
  TARGET_FIELD("a name", "the field of targets. Default: target"),
  OUT("a folder", "for everything that is written"),
  STEPS(Range.whole(1, 1_000_000_000_000L), "how many, in place of epochs"),
  EPOCHS(Range.above(0, 1_000_000), "how often all rows are seen; 0.5 is half of them"),
  BATCH_SIZE(Range.whole(1, 32_768), "rows of a forward. Default: 8"),
  ACCUMULATION(Range.whole(1, 32_768), "forwards whose gradients make a step. Default: 1"),
  MAX_SOURCE(
      Range.whole(1, 131_072),
      "tokens of a source; longer ones are cut, and the start says how many. Default: 512"),
  MAX_TARGET(Range.whole(1, 131_072), "the same of targets. Default: 128"),
  PACKING(
      "true or false",
      "several pairs share a row of the training, without seeing one another: less padding. Default: false"),
  NOISE_DENSITY(
      Range.between(0, 1), "the share of tokens that span_corruption hides. Default: 0.15"),
  MEAN_SPAN(
      Range.from(1, 1_000),
      "the mean length of what it hides. Default: 3; sources of over 1,800 tokens need more, for T5 has 100 sentinels"),
  OPTIMIZER(
      "a name or an object",
      String.join(", ", OptimizerSettings.NAMES)
          + ", or {\"name\": ..., \"betas\": ...}. Default: adamw"),
  MOMENTS(
      "f32 or bf16",
      "what adamw remembers of each parameter; bf16, rounded at random, takes half the memory, on the processor. Default: f32"),
  LEARNING_RATE(Range.from(0, 1_000), "the highest. Default: 3e-4"),
  SCHEDULE(
      "a name or an object",
      "the way down: "
          + String.join(", ", ScheduleSettings.NAMES)
          + ", or {\"name\": ..., \"num_cycles\": ...} with the names of transformers. Default: linear"),
  WARMUP(Range.whole(0, 1_000_000_000_000L), "steps on the way up. Default: 0"),
  RATES(
      "an object of factors",
      "of the learning rate, by pattern: {\"decoder.*\": 0.5}; the last that matches counts. Default: 1 for all"),
  LAYER_DECAY(
      Range.above(0, 1),
      "the rate of each block as a share of that of the block above it; multiplies rates. Default: 1"),
  EMA(
      "true, false, a decay or an object",
      "an average of the weights beside them, saved as ema: {\"decay\": 0.999, \"warmup\": true}. Default: false"),
  WEIGHT_DECAY(
      Range.from(0, 1_000),
      "Default: 0.01 with adamw and lamb, 0.03 with lion, 0.1 with muon, else 0"),
  CLIP(
      Range.above(0, 1e30), "the norm that gradients are clipped to; 1e30 leaves them. Default: 1"),
  CLIP_VALUE(
      Range.above(0, 1e30),
      "what no element of a gradient exceeds, in place of clip. Default: none"),
  NONFINITE(
      "skip or fail",
      "what becomes of a step whose loss or gradient is not finite. Default: skip, and ten in a row end the run"),
  FUSED_UPDATE(
      "true or false",
      "update each parameter on the way back and free its gradient: less memory, the same numbers; not with clip (set 1e30, or"
          + " clip_value), nonfinite skip (set fail), accumulation or auto_batch. Default: false"),
  LABEL_SMOOTHING(
      Range.below(0, 1), "of the training's loss; the validation's is without it. Default: 0"),
  Z_LOSS(
      Range.from(0, 1_000),
      "what log²Z is multiplied by and added to the training's loss; 1e-4 by custom. Default: 0"),
  DROPOUT(Range.below(0, 1), "Default: the model's"),
  DTYPE(
      "f32 or bf16",
      "of weights and what is computed of them; bf16 takes half the memory, with f32 masters. Default: f32"),
  CHECKPOINTING(
      "true or false",
      "compute blocks anew in the backward: less memory, a third more time, the same result. Default: false"),
  PACKED_ROWS(
      "true or false",
      "leave padding out of the work of a batch: the same result but for rounding, for the cost of its tokens. Default: true"),
  FREEZE("a list of patterns", "what does not train"),
  UNFREEZE("an object of lists", "what trains from a step on: {\"500\": [\"encoder.*\"]}"),
  SEED(Range.whole(Long.MIN_VALUE, Long.MAX_VALUE), "of everything random. Default: 0"),
  SAVE_EVERY(
      "steps or a text such as \"1 epoch\"", "between checkpoints. Default: a minute of work"),
  SAVE_LIMIT(
      Range.whole(1, 1_000_000),
      "how many of the newest checkpoints are kept, beside the best model's. Default: 2"),
  EVALUATE_EVERY(
      "steps or a text such as \"1 epoch\"",
      "between evaluations. Default: an epoch, and at least ten in all"),
  EVALUATE(
      "an object",
      "what is measured beside the loss: {\"metrics\": ["
          + String.join(", ", Metrics.names())
          + "], \"generate\": {options of generation_config.json} or \"rank\": [labels to choose among], \"examples\": how many"
          + " rows are answered}; OUT/predictions-STEP.jsonl has the answers. Default: the loss alone"),
  SELECT(
      "a score", "by which the best model is chosen: loss, or one of the metrics'. Default: loss"),
  PATIENCE(
      Range.whole(1, 1_000_000),
      "evaluations without progress after which the run ends. Default: it does not"),
  MIN_DELTA(Range.from(0, 1e12), "by more than how much progress is better. Default: 0"),
  AUTO_BATCH(
      "true or false",
      "halve a forward's rows and double the accumulation where there is no memory. Default: false"),
  WARM_START(
      "a run's folder, or {\"run\": a folder, \"moments\": true}",
      "begin with the weights of its best model; with moments, with its newest checkpoint"),
  HEAD(
      "classify, tokens or spans",
      "train a head in place of text: targets are a class, a label for each word, or a part of the source"),
  LABELS("a list of names", "with head: the labels. Default: those of the training data"),
  ADAPTER(
      "a method or an object",
      "train a sliver in place of the model, saved as peft's files: "
          + AdapterMethods.ALL.stream().map(AdapterKind::name).collect(Collectors.joining(", "))
          + "; {\"method\": \"lora\", \"rank\": 8, \"alpha\": 16, \"targets\": [\"q\", \"v\"]}, or a setting under its name in"
          + " adapter_config.json"),
  TENSORBOARD(
      "true or false", "write the course to OUT/events too, for TensorBoard. Default: false");

  private final String takes;
  private final Optional<Range> range;
  private final String meaning;

  TrainKey(String takes, String meaning) {
    this.takes = takes;
    this.range = Optional.empty();
    this.meaning = meaning;
  }

  TrainKey(Range range, String meaning) {
    this.takes = range.toString();
    this.range = Optional.of(range);
    this.meaning = meaning;
  }

  /// The key as it stands in the file.
  String key() {
    return name().toLowerCase(Locale.ROOT);
  }

  /// All keys.
  static List<String> keys() {
    return Arrays.stream(values()).map(TrainKey::key).toList();
  }

  /// Each key with what it takes and means.
  static KeyHelp help() {
    Map<String, String> keys = new LinkedHashMap<>();
    for (TrainKey key : values()) {
      keys.put(key.key(), key.takes + ": " + key.meaning);
    }
    return new KeyHelp(
        "Keys of the file; one of model and config, train, out, and one of steps and epochs are needed",
        keys);
  }

  /// Checks the numbers of a file.
  ///
  /// @throws IllegalArgumentException that names the one that is wrong and what is right
  static void check(JsonObject json) {
    for (TrainKey key : values()) {
      if (key.range.isPresent() && json.has(key.key())) {
        Object value = json.value(key.key()).orElseThrow();
        if (!(value instanceof Number number) || !key.range.get().holds(number)) {
          throw json.wrong(key.key(), key.takes, value);
        }
      }
    }
  }

  /// What a number may be.
  ///
  /// @param whole whether fractions are refused
  /// @param least the least
  /// @param most the most
  /// @param withLeast whether it may be the least itself
  /// @param withMost whether it may be the most itself
  private record Range(
      boolean whole, double least, double most, boolean withLeast, boolean withMost) {

    static Range whole(long least, long most) {
      return new Range(true, least, most, true, true);
    }

    static Range from(double least, double most) {
      return new Range(false, least, most, true, true);
    }

    static Range above(double least, double most) {
      return new Range(false, least, most, false, true);
    }

    static Range below(double least, double most) {
      return new Range(false, least, most, true, false);
    }

    static Range between(double least, double most) {
      return new Range(false, least, most, false, false);
    }

    boolean holds(Number number) {
      double value = number.doubleValue();
      return (withLeast ? value >= least : value > least)
          && (withMost ? value <= most : value < most)
          && (!whole
              || number instanceof Long
              || Math.rint(value) == value && Math.abs(value) < 0x1p53);
    }

    @Override
    public String toString() {
      String kind = whole ? "a whole number" : "a number";
      if (least == Long.MIN_VALUE) {
        return kind;
      }
      return kind
          + (withLeast ? " from " : " above ")
          + text(least)
          + (withMost ? " to " : " and below ")
          + text(most);
    }

    private static String text(double bound) {
      return bound < 1e15 ? String.format(Locale.ROOT, "%,.0f", bound) : "%.0e".formatted(bound);
    }
  }
}
