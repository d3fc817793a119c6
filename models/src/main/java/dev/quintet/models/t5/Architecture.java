package dev.quintet.models.t5;

import dev.quintet.core.nn.ParameterSource;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// Which of Hugging Face's classes a model is: what stands on T5's stacks, and which of them there are.
///
/// A folder's is found by [#of] from its `architectures` key and its tensors; [#build] makes the model.
public enum Architecture {
  /// Encoder, decoder and a head over the vocabulary: [T5].
  GENERATION("ForConditionalGeneration"),
  /// Encoder and decoder without a head: [T5EncoderDecoder].
  ENCODER_DECODER("Model"),
  /// The encoder alone: [T5Encoder].
  ENCODER("EncoderModel"),
  /// A class for each input, read from the decoder: [T5SequenceClassifier].
  SEQUENCE_CLASSIFICATION("ForSequenceClassification"),
  /// A class for each token, read from the encoder: [T5TokenClassifier].
  TOKEN_CLASSIFICATION("ForTokenClassification"),
  /// The first and the last token of an answer, read from the decoder: [T5QuestionAnswerer].
  QUESTION_ANSWERING("ForQuestionAnswering");

  private static final List<String> FAMILIES = List.of("T5", "MT5", "UMT5");

  private final String suffix;

  Architecture(String suffix) {
    this.suffix = suffix;
  }

  /// The name of transformers' class for a model type, such as `MT5EncoderModel`.
  ///
  /// @param modelType `t5`, `mt5` or `umt5`
  public String className(String modelType) {
    return modelType.toUpperCase(Locale.ROOT) + suffix;
  }

  /// Whether it has a decoder.
  public boolean hasDecoder() {
    return this != ENCODER && this != TOKEN_CLASSIFICATION;
  }

  /// Whether it has a head with labels of its own, which [TaskHead] describes.
  public boolean hasTaskHead() {
    return switch (this) {
      case GENERATION, ENCODER_DECODER, ENCODER -> false;
      case SEQUENCE_CLASSIFICATION, TOKEN_CLASSIFICATION, QUESTION_ANSWERING -> true;
    };
  }

  /// What stands before the stacks' names in files: `transformer.` or nothing.
  public String prefix() {
    return this == SEQUENCE_CLASSIFICATION || this == TOKEN_CLASSIFICATION ? "transformer." : "";
  }

  /// The architecture of a class name, such as `T5EncoderModel`; the first release's `T5WithLMHeadModel` is [#GENERATION].
  public static Optional<Architecture> ofClass(String className) {
    if (className.equals("T5WithLMHeadModel")) {
      return Optional.of(GENERATION);
    }
    return Arrays.stream(values())
        .filter(one -> FAMILIES.stream().anyMatch(f -> className.equals(f + one.suffix)))
        .findFirst();
  }

  /// The architecture of a folder.
  ///
  /// A task's head among the tensors decides; else what the configuration names, except that without a decoder's
  /// tensors it can only be an encoder: text encoders of image models still name a generator.
  ///
  /// @param classNames the key `architectures`; may be empty
  /// @param tensors the names in the weights' files
  /// @throws IllegalArgumentException if the first class name is none of T5's
  public static Architecture of(List<String> classNames, Collection<String> tensors) {
    Optional<Architecture> named = classNames.stream().findFirst().map(Architecture::required);
    for (String tensor : tensors) {
      if (tensor.startsWith("classification_head.")) {
        return SEQUENCE_CLASSIFICATION;
      } else if (tensor.startsWith("classifier.")) {
        return TOKEN_CLASSIFICATION;
      } else if (tensor.startsWith("qa_outputs.")) {
        return QUESTION_ANSWERING;
      }
    }
    Architecture found = named.orElse(GENERATION);
    boolean decoder = tensors.stream().anyMatch(name -> name.contains("decoder.block."));
    return decoder || found.hasTaskHead() ? found : ENCODER;
  }

  private static Architecture required(String className) {
    return ofClass(className)
        .orElseThrow(() ->
            new IllegalArgumentException(
                "architectures must name one of "
                    + Arrays.stream(values()).map(one -> one.className("t5")).toList()
                    + " or the same of MT5 or UMT5, not "
                    + className));
  }

  /// Builds a model of given parameters.
  ///
  /// @param config sizes and rules
  /// @param head the task's head; taken where [#hasTaskHead]
  /// @param source gives each parameter by its Hugging Face name, with [#prefix]; a tied head is not asked for
  public T5Family build(T5Config config, TaskHead head, ParameterSource source) {
    if (config.separate() && this != GENERATION) {
      throw new IllegalArgumentException(
          className(config.modelType())
              + " has one vocabulary, but encoder and decoder have one each here: load it as a model that generates");
    }
    return switch (this) {
      case GENERATION -> new T5(config, source);
      case ENCODER_DECODER -> new T5EncoderDecoder(config, source);
      case ENCODER -> new T5Encoder(config, source);
      case SEQUENCE_CLASSIFICATION -> new T5SequenceClassifier(config, head, source);
      case TOKEN_CLASSIFICATION -> new T5TokenClassifier(config, head, source);
      case QUESTION_ANSWERING -> new T5QuestionAnswerer(config, head, source);
    };
  }
}
