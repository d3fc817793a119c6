package dev.quintet.models.t5;

import dev.quintet.core.nn.Child;
import dev.quintet.core.nn.Dropout;
import dev.quintet.core.nn.Layer;
import dev.quintet.core.nn.ParameterSource;
import dev.quintet.core.nn.Pass;
import dev.quintet.core.shape.Device;
import dev.quintet.core.tensor.CrossEntropyOptions;
import dev.quintet.core.tensor.Tensor;
import java.util.stream.IntStream;

/// A class for each token: a linear layer on the encoder's states.
public final class T5TokenClassifier extends T5Family {
  private final TaskHead head;
  private final Child<T5Encoder> transformer;
  private final Child<Dropout> dropout;
  private final Child<Layer> classifier;

  /// Builds a classifier of given parameters.
  ///
  /// @param head the labels
  /// @param source gives each parameter by its Hugging Face name
  public T5TokenClassifier(T5Config config, TaskHead head, ParameterSource source) {
    super(config);
    this.head = head;
    transformer = child("transformer", new T5Encoder(config, source.at("transformer")));
    dropout = child("dropout", new Dropout(head.dropout()));
    classifier =
        child(
            "classifier",
            Layer.class,
            TaskLayers.linear(head.labels().size(), config.modelWidth(), source.at("classifier")));
  }

  /// A new classifier with random weights, of which each is a function of the seed and its name alone.
  public static T5TokenClassifier create(T5Config config, TaskHead head, long seed, Device device) {
    return new T5TokenClassifier(config, head, new T5Initializer(config, seed, device, false));
  }

  @Override
  public Architecture architecture() {
    return Architecture.TOKEN_CLASSIFICATION;
  }

  @Override
  public TaskHead task() {
    return head;
  }

  /// The encoder.
  public T5Encoder transformer() {
    return transformer.get();
  }

  /// The logits `[B, S, labels]`.
  ///
  /// @param inputIds int32 `[B, S]`
  /// @param attentionMask int32 `[B, S]`, 0 where an id is padding
  public Tensor logits(Tensor inputIds, Tensor attentionMask, Pass pass) {
    return logits(inputIds, attentionMask, false, pass);
  }

  private Tensor logits(Tensor inputIds, Tensor attentionMask, boolean whole, Pass pass) {
    Tensor states = transformer.get().encode(inputIds, attentionMask, whole, pass);
    return classifier.get().apply(dropout.get().apply(states, pass), pass);
  }

  /// Whether a label counts whose token the mask hides.
  private static boolean countsHidden(Tensor labels, Tensor mask, CrossEntropyOptions options) {
    int[] own = labels.toInts();
    int[] shown = mask.toInts();
    return own.length == shown.length
        && IntStream.range(0, own.length)
            .anyMatch(i -> shown[i] == 0 && own[i] != options.ignore());
  }

  /// The cross entropy of labels.
  ///
  /// @param inputIds int32 `[B, S]`
  /// @param attentionMask int32 `[B, S]`, 0 where an id is padding
  /// @param labels int32 `[B, S]`, -100 where none counts
  /// @param options how the mean is taken
  /// @return the loss, a scalar, and the logits `[B, S, labels]`
  public T5.Result loss(
      Tensor inputIds,
      Tensor attentionMask,
      Tensor labels,
      Pass pass,
      CrossEntropyOptions options) {
    boolean whole =
        transformer.get().encoder().packs() && countsHidden(labels, attentionMask, options);
    Tensor logits = logits(inputIds, attentionMask, whole, pass);
    return new T5.Result(logits.crossEntropy(labels, options), logits);
  }
}
