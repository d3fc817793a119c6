package dev.quintet.trainer.head;

import dev.quintet.core.shape.Device;
import dev.quintet.core.tensor.Parameter;
import dev.quintet.models.checkpoint.Checkpoint;
import dev.quintet.models.checkpoint.LoadOptions;
import dev.quintet.models.checkpoint.SaveOptions;
import dev.quintet.models.generate.GenerationConfig;
import dev.quintet.models.json.JsonObject;
import dev.quintet.models.t5.T5EncoderDecoder;
import dev.quintet.models.t5.T5Family;
import dev.quintet.models.t5.T5QuestionAnswerer;
import dev.quintet.models.t5.T5SequenceClassifier;
import dev.quintet.models.t5.T5TokenClassifier;
import dev.quintet.models.t5.TaskHead;
import dev.quintet.models.text.TextToText;
import dev.quintet.tokenizers.Tokenizer;
import dev.quintet.trainer.evaluate.Answerer;
import dev.quintet.trainer.evaluate.Reply;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/// A model with a task's head, its tokenizer and its labels, as one thing.
///
/// ```java
/// try (var model = TaskModel.load(Path.of("out/best"), Device.cpu())) {
///   model.predict(List.of("a fine film"));
/// }
/// ```
public final class TaskModel implements AutoCloseable {
  private static final int ROWS = 16;

  private final T5Family model;
  private final Tokenizer tokenizer;
  private final HeadKind kind;

  private TaskModel(T5Family model, Tokenizer tokenizer, HeadKind kind) {
    this.model = model;
    this.tokenizer = tokenizer;
    this.kind = kind;
  }

  /// A new head on a copy of a text model's stacks.
  ///
  /// @param text stays the caller's to close
  /// @param labels the classes, or those of words; not read for spans
  /// @param seed of the head's first weights
  /// @throws IllegalArgumentException if there are fewer than two labels to choose among
  public static TaskModel of(TextToText text, HeadKind kind, List<String> labels, long seed) {
    if (kind != HeadKind.SPANS && labels.size() < 2) {
      throw new IllegalArgumentException(
          "a head chooses among at least two labels, and there are " + labels);
    }
    Map<String, Parameter> from = text.model().parameters();
    Device device = from.values().iterator().next().device();
    var config = text.model().config();
    String[] names = labels.toArray(String[]::new);
    T5Family model =
        switch (kind) {
          case CLASSIFY -> T5SequenceClassifier.create(config, TaskHead.of(names), seed, device);
          case TOKENS -> T5TokenClassifier.create(config, TaskHead.of(names), seed, device);
          case SPANS -> T5QuestionAnswerer.create(config, seed, device);
        };
    model
        .parameters()
        .forEach((name, parameter) -> {
          Parameter old = from.get(name.replaceFirst("^transformer\\.", ""));
          if (old != null) {
            parameter.set(old.toFloats());
          }
        });
    return new TaskModel(model, text.tokenizer(), kind);
  }

  /// Loads what [#save] has written, or transformers.
  ///
  /// @throws IllegalArgumentException if the folder holds a model without such a head
  public static TaskModel load(Path folder, Device device) {
    return load(folder, LoadOptions.DEFAULT.withDevice(device));
  }

  /// Loads what [#save] has written, or transformers.
  ///
  /// @throws IllegalArgumentException if the folder holds a model without such a head
  public static TaskModel load(Path folder, LoadOptions how) {
    Checkpoint.check(folder);
    Tokenizer tokenizer = Tokenizer.load(folder);
    T5Family model = Checkpoint.loadAny(folder, how);
    try {
      HeadKind kind =
          HeadKind.of(model.architecture())
              .orElseThrow(() ->
                  new IllegalArgumentException(
                      folder
                          + " holds a model without a task's head; expected one of the heads "
                          + HeadKind.keys()));
      return new TaskModel(model, tokenizer, kind);
    } catch (IllegalArgumentException e) {
      model.close();
      throw e;
    }
  }

  /// Whether a model folder names one with a task's head as its architecture.
  public static boolean isAt(Path folder) {
    return JsonObject.read(folder.resolve("config.json"))
        .list("architectures")
        .orElse(List.of())
        .stream()
        .anyMatch(name ->
            String.valueOf(name)
                .matches(".*For(Sequence|Token)Classification|.*ForQuestionAnswering"));
  }

  /// The model.
  public T5Family model() {
    return model;
  }

  /// The tokenizer.
  public Tokenizer tokenizer() {
    return tokenizer;
  }

  /// What the head answers.
  public HeadKind kind() {
    return kind;
  }

  /// The labels, by their numbers.
  public List<String> labels() {
    return model.task().labels();
  }

  /// The answers to sources, in their order: a class, labels parted by spaces, or a part of the source.
  public List<String> predict(List<String> sources) {
    return answerer(Integer.MAX_VALUE, ROWS).answer(sources).stream().map(Reply::text).toList();
  }

  /// How it answers.
  ///
  /// @param maxSource tokens of a source; longer ones are cut as for training
  /// @param rows the most sources that are answered at once
  public Answerer answerer(int maxSource, int rows) {
    return new HeadAnswers(this, maxSource, rows);
  }

  /// Sets gradient checkpointing.
  public void checkpointing(boolean on) {
    switch (model) {
      case T5EncoderDecoder both -> both.checkpointing(on);
      case T5SequenceClassifier classifier -> classifier.transformer().checkpointing(on);
      default -> {
        if (on) {
          throw new IllegalArgumentException(
              "checkpointing is for models with a decoder, and a head of tokens has none");
        }
      }
    }
  }

  /// Writes a model folder, from which [#load] reads it.
  public void save(Path folder) {
    Checkpoint.save(
        model,
        GenerationConfig.of(model.config()),
        folder,
        SaveOptions.of(model).withAddedBeside());
    tokenizer.save(folder);
  }

  /// The logits of a batch, on the processor's side.
  ///
  /// @param values one row of numbers after another
  record Logits(float[] values) {
    int best(int from, int count) {
      int best = 0;
      for (int i = 1; i < count; i++) {
        best = values[from + i] > values[from + best] ? i : best;
      }
      return best;
    }

    /// The log-probability of one of some classes, or places.
    double logProbability(int from, int count, int chosen) {
      double most = values[from + best(from, count)];
      double sum = 0;
      for (int i = 0; i < count; i++) {
        sum += Math.exp(values[from + i] - most);
      }
      return values[from + chosen] - most - Math.log(sum);
    }

    /// The numbers as text, for messages.
    @Override
    public String toString() {
      return Arrays.toString(values);
    }
  }

  @Override
  public void close() {
    model.close();
  }
}
