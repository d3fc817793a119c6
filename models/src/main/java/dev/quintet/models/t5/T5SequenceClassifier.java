package dev.quintet.models.t5;

import dev.quintet.core.backend.ElementwiseKernels.Unary;
import dev.quintet.core.nn.Child;
import dev.quintet.core.nn.Dropout;
import dev.quintet.core.nn.Layer;
import dev.quintet.core.nn.ParameterSource;
import dev.quintet.core.nn.Pass;
import dev.quintet.core.shape.DType;
import dev.quintet.core.shape.Device;
import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.CrossEntropyOptions;
import dev.quintet.core.tensor.Tensor;
import java.util.stream.IntStream;

/// A class for each input, or a number, or several classes.
///
/// The decoder reads the encoder's inputs, shifted right; the head reads its state at the last end of sequence.
/// As in transformers, all inputs of a batch must hold the same number of ends.
public final class T5SequenceClassifier extends T5Family {
  private final TaskHead head;
  private final Child<T5EncoderDecoder> transformer;
  private final Child<Layer> dense;
  private final Child<Layer> out;
  private final Child<Dropout> dropout;

  /// Builds a classifier of given parameters.
  ///
  /// @param head the labels
  /// @param source gives each parameter by its Hugging Face name
  public T5SequenceClassifier(T5Config config, TaskHead head, ParameterSource source) {
    super(config);
    this.head = head;
    int width = config.modelWidth();
    transformer = child("transformer", new T5EncoderDecoder(config, source.at("transformer")));
    ParameterSource parts = source.at("classification_head");
    dense =
        child(
            "classification_head.dense",
            Layer.class,
            TaskLayers.linear(width, width, parts.at("dense")));
    out =
        child(
            "classification_head.out_proj",
            Layer.class,
            TaskLayers.linear(head.labels().size(), width, parts.at("out_proj")));
    dropout = child("classification_head.dropout", new Dropout(head.dropout()));
  }

  /// A new classifier with random weights, of which each is a function of the seed and its name alone.
  public static T5SequenceClassifier create(
      T5Config config, TaskHead head, long seed, Device device) {
    return new T5SequenceClassifier(config, head, new T5Initializer(config, seed, device, false));
  }

  @Override
  public Architecture architecture() {
    return Architecture.SEQUENCE_CLASSIFICATION;
  }

  @Override
  public TaskHead task() {
    return head;
  }

  /// Both stacks.
  public T5EncoderDecoder transformer() {
    return transformer.get();
  }

  /// The logits `[B, labels]`.
  ///
  /// @param inputIds int32 `[B, S]`
  /// @param attentionMask int32 `[B, S]`, 0 where an id is padding
  /// @throws IllegalArgumentException if a row holds no end of sequence, or another number of them than the first
  public Tensor logits(Tensor inputIds, Tensor attentionMask, Pass pass) {
    int[] ends = lastEnds(inputIds);
    int length = inputIds.shape().dim(1);
    Tensor states =
        transformer
            .get()
            .readAgain(inputIds, attentionMask, shown -> upTo(ends, shown, length), pass);
    int width = config().modelWidth();
    Tensor rows = states.reshape(-1, width).rows(Tensor.ofInts(Shape.of(ends.length), ends));
    Tensor inner = dense.get().apply(dropout.get().apply(rows, pass), pass).tanh();
    return out.get().apply(dropout.get().apply(inner, pass), pass);
  }

  /// The tokens of each row that are read: up to its last end, which a mask may hide.
  private static int[] upTo(int[] ends, int[] shown, int length) {
    return IntStream.range(0, ends.length)
        .map(row -> Math.max(shown[row], ends[row] - row * length + 1))
        .toArray();
  }

  private int[] lastEnds(Tensor inputIds) {
    checkIds("input ids", inputIds, inputIds.shape().dim(0));
    int length = inputIds.shape().dim(1);
    int[] ids = inputIds.toInts();
    int[] ends = new int[inputIds.shape().dim(0)];
    int[] counts = new int[ends.length];
    for (int i = 0; i < ids.length; i++) {
      if (ids[i] == config().eosId()) {
        ends[i / length] = i;
        counts[i / length]++;
      }
    }
    for (int row = 0; row < ends.length; row++) {
      if (counts[row] == 0 || counts[row] != counts[0]) {
        throw new IllegalArgumentException(
            "T5SequenceClassifier: every input must hold the same number of ends of sequence, id "
                + config().eosId()
                + ", and at least one; row 0 holds "
                + counts[0]
                + ", row "
                + row
                + " holds "
                + counts[row]);
      }
    }
    return ends;
  }

  /// The loss of labels.
  ///
  /// Without a [TaskHead#problem], one label means regression, int32 labels one class, float32 labels several.
  ///
  /// @param inputIds int32 `[B, S]`
  /// @param attentionMask int32 `[B, S]`, 0 where an id is padding
  /// @param labels int32 `[B]`, -100 where none counts; for regression float32 `[B]` or `[B, labels]`; for several
  ///     classes float32 `[B, labels]` of 0 and 1
  /// @param options how the mean is taken; smoothing counts for one class alone
  /// @return the loss, a scalar, and the logits `[B, labels]`
  public T5.Result loss(
      Tensor inputIds,
      Tensor attentionMask,
      Tensor labels,
      Pass pass,
      CrossEntropyOptions options) {
    Tensor logits = logits(inputIds, attentionMask, pass);
    TaskHead.Problem problem =
        head.problem()
            .orElse(
                head.labels().size() == 1
                    ? TaskHead.Problem.REGRESSION
                    : labels.type() == DType.I32
                        ? TaskHead.Problem.SINGLE_LABEL
                        : TaskHead.Problem.MULTI_LABEL);
    if (problem == TaskHead.Problem.SINGLE_LABEL) {
      return new T5.Result(logits.crossEntropy(labels, options), logits);
    }
    if (labels.type() != DType.F32 || labels.elements() != logits.elements()) {
      throw new IllegalArgumentException(
          "T5SequenceClassifier: the labels for "
              + problem.key()
              + " must be float32 "
              + logits.shape()
              + ", not "
              + labels.type()
              + " "
              + labels.shape());
    }
    Tensor targets = labels.reshape(logits.shape().dim(0), -1);
    Tensor wide = logits.cast(DType.F32);
    Tensor each =
        problem == TaskHead.Problem.REGRESSION
            ? wide.subtract(targets).square()
            : wide.unary(Unary.SOFTPLUS, 0).subtract(wide.multiply(targets));
    Tensor loss =
        options.normalizer() == 0
            ? each.mean()
            : each.sum().multiply((float) (1 / options.normalizer()));
    return new T5.Result(loss, logits);
  }
}
