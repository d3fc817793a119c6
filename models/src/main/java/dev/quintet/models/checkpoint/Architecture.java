package dev.quintet.models.checkpoint;

import dev.quintet.models.json.JsonObject;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// What a model folder holds: which class of transformers saved it, whatever the variant.
public enum Architecture {
  /// Encoder, decoder and a head over the vocabulary; also a base model without a head, whose head is then tied.
  CONDITIONAL_GENERATION("ForConditionalGeneration", "WithLMHeadModel", "Model"),
  /// The encoder alone.
  ENCODER("EncoderModel"),
  /// A class for each text.
  SEQUENCE_CLASSIFICATION("ForSequenceClassification"),
  /// A class for each token.
  TOKEN_CLASSIFICATION("ForTokenClassification"),
  /// Start and end of an answer.
  QUESTION_ANSWERING("ForQuestionAnswering");

  private static final List<String> FAMILY = List.of("UMT5", "MT5", "T5");

  private final List<String> suffixes;

  Architecture(String... suffixes) {
    this.suffixes = List.of(suffixes);
  }

  /// The architecture that a `config.json` names, or, where it names none, that the tensors show.
  ///
  /// @param config the file
  /// @param tensors the names of the weights
  /// @throws CheckpointException if it is none of the T5 family
  static Architecture of(JsonObject config, Set<String> tensors) {
    Optional<List<?>> named = config.list("architectures").filter(list -> !list.isEmpty());
    if (named.isPresent()) {
      String name = String.valueOf(named.get().getFirst());
      return of(name)
          .orElseThrow(() ->
              new CheckpointException(
                  config.source()
                      + ": the architecture "
                      + name
                      + " is none of the T5 family; it must be one of "
                      + FAMILY.reversed()
                      + " with one of "
                      + Arrays.stream(values()).map(kind -> kind.suffixes.getFirst()).toList()));
    }
    boolean decoder = tensors.stream().anyMatch(tensor -> tensor.startsWith("decoder."));
    if (tensors.stream().anyMatch(tensor -> tensor.startsWith("classification_head."))) {
      return SEQUENCE_CLASSIFICATION;
    }
    if (tensors.contains("classifier.weight")) {
      return TOKEN_CLASSIFICATION;
    }
    if (tensors.contains("qa_outputs.weight")) {
      return QUESTION_ANSWERING;
    }
    return decoder ? CONDITIONAL_GENERATION : ENCODER;
  }

  /// The architecture of a class of transformers, such as `MT5ForConditionalGeneration`.
  public static Optional<Architecture> of(String className) {
    for (String family : FAMILY) {
      if (className.startsWith(family)) {
        String rest = className.substring(family.length());
        return Arrays.stream(values()).filter(kind -> kind.suffixes.contains(rest)).findFirst();
      }
    }
    return Optional.empty();
  }
}
