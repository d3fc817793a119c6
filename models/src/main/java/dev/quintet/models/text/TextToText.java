package dev.quintet.models.text;

import dev.quintet.core.cpu.CpuBackend;
import dev.quintet.core.shape.Device;
import dev.quintet.core.shape.Precision;
import dev.quintet.models.adapt.Adapters;
import dev.quintet.models.checkpoint.Checkpoint;
import dev.quintet.models.checkpoint.LoadOptions;
import dev.quintet.models.generate.GenerationConfig;
import dev.quintet.models.t5.T5;
import dev.quintet.models.t5.T5Config;
import dev.quintet.tokenizers.Tokenizer;
import dev.quintet.tokenizers.dual.SeparateTokenizers;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;

/// A model and its tokenizer: text in, text out.
///
/// ```java
/// try (var answer = TextToText.load(Path.of("out/best"))) {
///   System.out.println(answer.generate("question: ... context: ..."));
/// }
/// ```
///
/// For a service: any number of threads may call `generate` at once, and each gets what it would get alone; they share the
/// threads that compute. [#close] waits for the calls that run and refuses later ones.
public final class TextToText implements AutoCloseable {
  /// The compiler is through with a model of any size after so many.
  private static final int WARM_UP_ROUNDS = 40;

  private final T5 model;
  private final Tokenizer tokenizer;
  private final GenerationConfig generation;

  private TextToText(T5 model, Tokenizer tokenizer, GenerationConfig generation) {
    this.model = model;
    this.tokenizer = tokenizer;
    this.generation = generation;
  }

  /// Loads a model folder that holds the tokenizer too, in any form that [Tokenizer#load] knows.
  ///
  /// @throws dev.quintet.models.checkpoint.CheckpointException if the folder holds no whole model
  /// @throws IllegalArgumentException if model and tokenizer do not belong together, of which [#of] says more
  /// @throws java.io.UncheckedIOException if a file is missing or cannot be read
  public static TextToText load(Path folder) {
    return load(folder, Device.cpu());
  }

  /// Loads a model folder onto a device.
  ///
  /// @throws dev.quintet.models.checkpoint.CheckpointException if the folder holds no whole model
  /// @throws IllegalArgumentException if model and tokenizer do not belong together, of which [#of] says more
  /// @throws java.io.UncheckedIOException if a file is missing or cannot be read
  public static TextToText load(Path folder, Device device) {
    Objects.requireNonNull(device, "TextToText.load: the device is null");
    return load(folder, LoadOptions.DEFAULT.withDevice(device));
  }

  /// Loads a model folder with weights that are stored small and computed with in float32: in BF16 they take half the memory
  /// of float32, in INT8 a quarter, and one prompt is answered faster; [LoadOptions#withPrecision] says more. Such a model
  /// gives answers and does not train.
  ///
  /// ```java
  /// try (var answer = TextToText.load(Path.of("out/best"), Precision.INT8)) {
  ///   System.out.println(answer.generate("question: ... context: ..."));
  /// }
  /// ```
  ///
  /// @throws dev.quintet.models.checkpoint.CheckpointException if the folder holds no whole model, or weights of int8 that
  ///     were to become bfloat16
  /// @throws IllegalArgumentException if model and tokenizer do not belong together, of which [#of] says more
  /// @throws java.io.UncheckedIOException if a file is missing or cannot be read
  public static TextToText load(Path folder, Precision precision) {
    return load(folder, LoadOptions.DEFAULT.withPrecision(precision));
  }

  /// Loads a model folder; see [Checkpoint#load(Path, LoadOptions)] for what may happen to its files meanwhile.
  ///
  /// @throws dev.quintet.models.checkpoint.CheckpointException if the folder holds no whole model
  /// @throws java.io.UncheckedIOException if a file is missing or cannot be read
  public static TextToText load(Path folder, LoadOptions options) {
    Objects.requireNonNull(folder, "TextToText.load: the folder is null");
    Objects.requireNonNull(options, "TextToText.load: the options are null");
    // A folder that holds no model says so before it is asked for a tokenizer.
    Checkpoint.check(folder);
    Tokenizer tokenizer = Tokenizer.load(folder);
    T5 model = Checkpoint.load(folder, options);
    try {
      return of(model, tokenizer, Checkpoint.generation(folder, model.config()));
    } catch (RuntimeException e) {
      model.close();
      throw e;
    }
  }

  /// Binds a model to its tokenizer; closing the result closes the model.
  ///
  /// @throws IllegalArgumentException if the tokenizer has more tokens than the model has rows, or ends texts with
  ///     something else than the model's end
  public static TextToText of(T5 model, Tokenizer tokenizer) {
    Objects.requireNonNull(model, "TextToText.of: the model is null");
    return of(model, tokenizer, GenerationConfig.of(model.config()));
  }

  /// Binds a model to its tokenizer and to generation options.
  ///
  /// @throws IllegalArgumentException if the tokenizer has more tokens than the model has rows, or ends texts with
  ///     something else than the model's end
  public static TextToText of(T5 model, Tokenizer tokenizer, GenerationConfig generation) {
    Objects.requireNonNull(model, "TextToText.of: the model is null");
    Objects.requireNonNull(tokenizer, "TextToText.of: the tokenizer is null");
    Objects.requireNonNull(generation, "TextToText.of: the options are null");
    if (tokenizer.vocabularySize() > model.config().vocabSize()) {
      throw new IllegalArgumentException(
          "the tokenizer has ids up to "
              + (tokenizer.vocabularySize() - 1)
              + ", but the model has only "
              + model.config().vocabSize()
              + " rows: they do not belong together");
    }
    requireSource(model, tokenizer.source(), tokenizer);
    requireEnd(model, tokenizer.source());
    requireEnd(model, tokenizer);
    return new TextToText(model, tokenizer, generation);
  }

  /// Two tokenizers want two embeddings, and the other way round.
  private static void requireSource(T5 model, Tokenizer source, Tokenizer target) {
    T5Config config = model.config();
    boolean two = source != target;
    if (two != config.separate()) {
      throw new IllegalArgumentException(
          two
              ? "TextToText: one tokenizer for each side was given, but both stacks of the model share one embedding: make a"
                  + " model with a \"target_tokenizer\", or give one tokenizer"
              : "TextToText: encoder and decoder of the model have an embedding each, but one tokenizer was given: give it"
                  + " SeparateTokenizers, a folder with "
                  + SeparateTokenizers.FILE);
    }
    if (source.vocabularySize() > config.sourceRows()) {
      throw new IllegalArgumentException(
          "the source's tokenizer has ids up to "
              + (source.vocabularySize() - 1)
              + ", but the encoder's embedding has only "
              + config.sourceRows()
              + " rows: they do not belong together");
    }
  }

  /// A model that saw no end would be asked something else than it learned, and one that learns from texts without one
  /// never stops.
  private static void requireEnd(T5 model, Tokenizer tokenizer) {
    int end = model.config().eosId();
    int[] ids = tokenizer.encodeToIds("a", true);
    if (ids.length == 0 || ids[ids.length - 1] != end) {
      String last = ids.length == 0 ? "nothing" : "id " + ids[ids.length - 1];
      throw new IllegalArgumentException(
          "TextToText: expected a tokenizer that ends each text with the model's end, id "
              + end
              + ", got "
              + last
              + " from "
              + tokenizer
              + "; load the folder with all of the model's own files, or let the post_processor of tokenizer.json add"
              + " the end, or set eos_token_id in config.json to what the tokenizer adds");
    }
  }

  /// The model.
  public T5 model() {
    return model;
  }

  /// The model's adapters, which prompts name with [TextOptions#withAdapter].
  public Adapters adapters() {
    return Adapters.of(model);
  }

  /// The tokenizer.
  public Tokenizer tokenizer() {
    return tokenizer;
  }

  /// The options that [#generate(String)] uses.
  public GenerationConfig generation() {
    return generation;
  }

  /// This model and tokenizer with other options; both share the model, and closing one closes the other.
  public TextToText withGeneration(GenerationConfig options) {
    return new TextToText(
        model, tokenizer, Objects.requireNonNull(options, "withGeneration: the options are null"));
  }

  /// Has what answers need compiled, which the first answers would else wait for: a service calls it before it takes questions.
  ///
  /// Answers prompts of its own, one alone and eight together, until that gets no faster: some seconds on all threads. Nothing
  /// about later answers changes but their speed.
  ///
  /// @throws IllegalStateException if this is closed
  public void warmUp() {
    CpuBackend.warmUp();
    var options = TextOptions.of(generation.with("max_new_tokens", 16).with("min_new_tokens", 16));
    String prompt = "a few words that are worth no answer ";
    long best = Long.MAX_VALUE;
    for (int round = 0; round < WARM_UP_ROUNDS; round++) {
      long start = System.nanoTime();
      answers(List.of(prompt), options);
      answers(Collections.nCopies(8, prompt.repeat(1 + round % 4)), options);
      long time = System.nanoTime() - start;
      if (round >= 8 && time > 0.9 * best) {
        return;
      }
      best = Math.min(best, time);
    }
  }

  /// The answer to a prompt, without special tokens; the best one if the options ask for several.
  ///
  /// @throws IllegalStateException if this is closed
  public String generate(String prompt) {
    return generate(List.of(Objects.requireNonNull(prompt, "generate: the prompt is null")))
        .getFirst();
  }

  /// The answers to prompts, in their order.
  ///
  /// @throws IllegalStateException if this is closed
  public List<String> generate(List<String> prompts) {
    return generate(prompts, generation);
  }

  /// The answers to prompts with these options. Prompts of like length share a batch; an answer does not
  /// depend on its neighbours.
  ///
  /// @throws IllegalStateException if this is closed
  public List<String> generate(List<String> prompts, GenerationConfig options) {
    Objects.requireNonNull(prompts, "generate: the prompts are null");
    Objects.requireNonNull(options, "generate: the options are null");
    return answers(prompts, TextOptions.of(options)).stream()
        .map(answers -> answers.getFirst().text())
        .toList();
  }

  /// The answer to a prompt, whose pieces are handed out as soon as they are sure: no half characters, and nothing that a
  /// later token changes. Together they are the answer.
  ///
  /// @param pieces called in the calling thread
  /// @throws IllegalStateException if this is closed
  /// @throws IllegalArgumentException under beams, whose tokens may yet be dropped
  public String stream(String prompt, Consumer<String> pieces) {
    Objects.requireNonNull(prompt, "stream: the prompt is null");
    Objects.requireNonNull(pieces, "stream: nobody hears the pieces, null");
    TextOptions options =
        TextOptions.of(generation).withListener((row, answer, piece) -> pieces.accept(piece));
    return answers(List.of(prompt), options).getFirst().getFirst().text();
  }

  /// All answers to prompts, in their order: for each as many as `num_return_sequences`.
  ///
  /// @throws IllegalStateException if this is closed
  /// @throws UnsupportedOperationException if an option asks for what there is not
  /// @throws dev.quintet.models.adapt.method.AdapterException if there is no adapter of a name, or the number of names is
  ///     neither 1 nor that of prompts
  /// @throws java.util.concurrent.CancellationException if the options' question whether to give up was answered with yes
  public List<List<Answer>> answers(List<String> prompts, TextOptions options) {
    Objects.requireNonNull(options, "generate: the options are null");
    for (int i = 0; i < prompts.size(); i++) {
      Objects.requireNonNull(prompts.get(i), "generate: prompt " + i + " is null");
    }
    try (var _ = model.use()) {
      return new Answering(model, tokenizer, prompts, options).run();
    }
  }

  /// Writes a model folder: weights, configuration, generation options and tokenizer.
  ///
  /// @throws IllegalStateException if this is closed
  /// @throws java.io.UncheckedIOException if a file cannot be written
  public void save(Path folder) {
    Objects.requireNonNull(folder, "save: the folder is null");
    try (var _ = model.use()) {
      Checkpoint.save(model, generation, folder);
      tokenizer.save(folder);
    }
  }

  /// Model and tokenizer in a line.
  @Override
  public String toString() {
    return "TextToText[" + model + ", " + tokenizer + "]";
  }

  /// Frees the model, as soon as no call runs any more; later calls are refused at once. Closing twice does nothing.
  ///
  /// @throws IllegalStateException if a call of this very thread runs, such as one that a listener is called from
  @Override
  public void close() {
    model.close();
  }
}
