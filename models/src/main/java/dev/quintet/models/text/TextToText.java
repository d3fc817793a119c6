package dev.quintet.models.text;

import dev.quintet.core.shape.Device;
import dev.quintet.models.checkpoint.Checkpoint;
import dev.quintet.models.generate.GenerationConfig;
import dev.quintet.models.generate.Generator;
import dev.quintet.models.t5.T5;
import dev.quintet.tokenizers.tokenizer.Tokenizer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/// A model and its tokenizer: text in, text out.
///
/// ```java
/// try (var answer = TextToText.load(Path.of("out/best"))) {
///   System.out.println(answer.generate("question: ... context: ..."));
/// }
/// ```
///
/// Any number of threads may call `generate` at once. [#close] frees the model; nothing may run then.
public final class TextToText implements AutoCloseable {
  private static final int BATCH = 16;

  private final T5 model;
  private final Tokenizer tokenizer;
  private final GenerationConfig generation;

  private TextToText(T5 model, Tokenizer tokenizer, GenerationConfig generation) {
    this.model = model;
    this.tokenizer = tokenizer;
    this.generation = generation;
  }

  /// Loads a model folder that holds a `tokenizer.json` too.
  ///
  /// @throws dev.quintet.models.checkpoint.CheckpointException if the folder holds no whole model
  /// @throws java.io.UncheckedIOException if a file is missing or cannot be read
  public static TextToText load(Path folder) {
    return load(folder, Device.cpu());
  }

  /// Loads a model folder onto a device.
  ///
  /// @throws dev.quintet.models.checkpoint.CheckpointException if the folder holds no whole model
  /// @throws java.io.UncheckedIOException if a file is missing or cannot be read
  public static TextToText load(Path folder, Device device) {
    Tokenizer tokenizer = Tokenizer.load(folder);
    T5 model = Checkpoint.load(folder, device);
    return of(model, tokenizer, Checkpoint.generation(folder, model.config()));
  }

  /// Binds a model to its tokenizer; closing the result closes the model.
  ///
  /// @throws IllegalArgumentException if the tokenizer has more tokens than the model has rows
  public static TextToText of(T5 model, Tokenizer tokenizer) {
    return of(model, tokenizer, GenerationConfig.of(model.config()));
  }

  /// Binds a model to its tokenizer and to generation options.
  ///
  /// @throws IllegalArgumentException if the tokenizer has more tokens than the model has rows
  public static TextToText of(T5 model, Tokenizer tokenizer, GenerationConfig generation) {
    if (tokenizer.vocabularySize() > model.config().vocabSize()) {
      throw new IllegalArgumentException(
          "the tokenizer has ids up to "
              + (tokenizer.vocabularySize() - 1)
              + ", but the model has only "
              + model.config().vocabSize()
              + " rows: they do not belong together");
    }
    return new TextToText(model, tokenizer, generation);
  }

  /// The model.
  public T5 model() {
    return model;
  }

  /// The tokenizer.
  public Tokenizer tokenizer() {
    return tokenizer;
  }

  /// The options that [#generate(String)] uses.
  public GenerationConfig generation() {
    return generation;
  }

  /// This model and tokenizer with other options; both share the model.
  public TextToText withGeneration(GenerationConfig options) {
    return new TextToText(model, tokenizer, options);
  }

  /// The answer to a prompt, without special tokens.
  public String generate(String prompt) {
    return generate(List.of(prompt)).getFirst();
  }

  /// The answers to prompts, in their order.
  public List<String> generate(List<String> prompts) {
    return generate(prompts, generation);
  }

  /// The answers to prompts with these options. Prompts of like length share a batch; an answer does not
  /// depend on its neighbours.
  public List<String> generate(List<String> prompts, GenerationConfig options) {
    var encoded = new ArrayList<int[]>();
    for (String prompt : prompts) {
      int[] ids = tokenizer.encode(prompt).ids();
      // An empty prompt is the end alone, as a tokenizer without a template gives no ids for it.
      encoded.add(ids.length == 0 ? new int[] {model.config().eosId()} : ids);
    }
    int[] order =
        IntStream.range(0, prompts.size())
            .boxed()
            .sorted(Comparator.comparingInt((Integer i) -> encoded.get(i).length))
            .mapToInt(Integer::intValue)
            .toArray();
    String[] answers = new String[prompts.size()];
    for (int from = 0; from < order.length; from += BATCH) {
      int[] batch = Arrays.copyOfRange(order, from, Math.min(order.length, from + BATCH));
      List<int[]> inputs = Arrays.stream(batch).mapToObj(encoded::get).toList();
      int[][] generated = Generator.of(model).generate(inputs, options);
      for (int i = 0; i < batch.length; i++) {
        answers[batch[i]] = tokenizer.decode(generated[i * options.returned()], true);
      }
    }
    return List.of(answers);
  }

  /// Writes a model folder: weights, configuration, generation options and tokenizer.
  ///
  /// @throws java.io.UncheckedIOException if a file cannot be written
  public void save(Path folder) {
    Checkpoint.save(model, generation, folder);
    tokenizer.save(folder);
  }

  /// Frees the model.
  @Override
  public void close() {
    model.close();
  }
}
