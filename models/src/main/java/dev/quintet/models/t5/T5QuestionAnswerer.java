package dev.quintet.models.t5;

import dev.quintet.core.nn.Child;
import dev.quintet.core.nn.Layer;
import dev.quintet.core.nn.ParameterSource;
import dev.quintet.core.nn.Pass;
import dev.quintet.core.shape.Device;
import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.CrossEntropyOptions;
import dev.quintet.core.tensor.Tensor;

/// Where in the input an answer begins and ends: two logits for each token.
///
/// The decoder reads the encoder's inputs, shifted right; a linear layer reads its states.
public final class T5QuestionAnswerer extends T5EncoderDecoder {
  private final TaskHead head;
  private final Child<Layer> outputs;

  /// Builds a model of given parameters.
  ///
  /// @param head two labels
  /// @param source gives each parameter by its Hugging Face name
  /// @throws IllegalArgumentException if there are not two labels
  public T5QuestionAnswerer(T5Config config, TaskHead head, ParameterSource source) {
    super(config, source);
    if (head.labels().size() != 2) {
      throw new IllegalArgumentException(
          "question answering has two labels, first and last token; id2label has "
              + head.labels().size());
    }
    this.head = head;
    outputs =
        child(
            "qa_outputs",
            Layer.class,
            TaskLayers.linear(2, config.modelWidth(), source.at("qa_outputs")));
  }

  /// A new model with random weights, of which each is a function of the seed and its name alone.
  public static T5QuestionAnswerer create(T5Config config, long seed, Device device) {
    var source = new T5Initializer(config, seed, device, false);
    return new T5QuestionAnswerer(config, TaskHead.DEFAULT, source);
  }

  @Override
  public Architecture architecture() {
    return Architecture.QUESTION_ANSWERING;
  }

  @Override
  public TaskHead task() {
    return head;
  }

  /// What is computed for a batch.
  ///
  /// @param start logits of the first token of the answer, `[B, S]`
  /// @param end logits of its last token, `[B, S]`
  public record Spans(Tensor start, Tensor end) {}

  /// The logits of both ends of the answer.
  ///
  /// @param inputIds int32 `[B, S]`
  /// @param attentionMask int32 `[B, S]`, 0 where an id is padding
  public Spans spans(Tensor inputIds, Tensor attentionMask, Pass pass) {
    return spans(inputIds, attentionMask, true, pass);
  }

  /// Like [#spans], for who reads no logit of padding.
  ///
  /// @param inputIds int32 `[B, S]`
  /// @param attentionMask int32 `[B, S]`, 0 where an id is padding
  public Spans spansOfTokens(Tensor inputIds, Tensor attentionMask, Pass pass) {
    return spans(inputIds, attentionMask, false, pass);
  }

  private Spans spans(Tensor inputIds, Tensor attentionMask, boolean whole, Pass pass) {
    int most = inputIds.shape().dim(1);
    Tensor states =
        readAgain(
            inputIds, attentionMask, shown -> whole ? filled(shown.length, most) : shown, pass);
    Tensor both = outputs.get().apply(states, pass);
    int batch = both.shape().dim(0);
    int length = both.shape().dim(1);
    return new Spans(
        both.slice(2, 0, 1).reshape(batch, length), both.slice(2, 1, 2).reshape(batch, length));
  }

  /// The mean of the cross entropies of both ends.
  ///
  /// As in transformers, a place behind the input does not count, and one before it is the first.
  ///
  /// @param spans from [#spans]
  /// @param starts places of the first tokens, B of them
  /// @param ends places of the last tokens, B of them
  public Tensor loss(Spans spans, int[] starts, int[] ends) {
    Tensor first = places(spans.start(), starts, "starts");
    Tensor last = places(spans.end(), ends, "ends");
    return spans.start().crossEntropy(first).add(spans.end().crossEntropy(last)).multiply(0.5f);
  }

  private static Tensor places(Tensor logits, int[] places, String what) {
    int length = logits.shape().dim(1);
    if (places.length != logits.shape().dim(0)) {
      throw new IllegalArgumentException(
          "T5QuestionAnswerer: "
              + places.length
              + " "
              + what
              + " for a batch of "
              + logits.shape().dim(0));
    }
    int[] labels = new int[places.length];
    for (int row = 0; row < labels.length; row++) {
      labels[row] =
          places[row] >= length ? CrossEntropyOptions.MEAN.ignore() : Math.max(0, places[row]);
    }
    return Tensor.ofInts(Shape.of(labels.length), labels);
  }
}
