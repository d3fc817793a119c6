package dev.quintet.models.t5;

import dev.quintet.core.nn.Child;
import dev.quintet.core.nn.Embedding;
import dev.quintet.core.nn.Layer;
import dev.quintet.core.nn.ParameterSource;
import dev.quintet.core.nn.Pass;
import dev.quintet.core.shape.DType;
import dev.quintet.core.shape.Device;
import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.AttentionOptions.Seen;
import dev.quintet.core.tensor.Tensor;

/// T5's encoder alone: states of tokens, and by [#meanPool] one vector for each input.
public final class T5Encoder extends T5Family {
  private final Child<Layer> shared;
  private final Child<T5Stack> encoder;

  /// Builds an encoder of given parameters.
  ///
  /// @param source gives each parameter by its Hugging Face name
  public T5Encoder(T5Config config, ParameterSource source) {
    super(config);
    var embedding =
        new Embedding(
            source.make("shared.weight", Shape.of(config.vocabSize(), config.modelWidth())));
    shared = child("shared", Layer.class, embedding);
    encoder = child("encoder", new T5Stack(config, false, embedding, source.at("encoder")));
  }

  /// A new encoder with random weights, of which each is a function of the seed and its name alone.
  public static T5Encoder create(T5Config config, long seed, Device device) {
    return new T5Encoder(config, new T5Initializer(config, seed, device, false));
  }

  @Override
  public Architecture architecture() {
    return Architecture.ENCODER;
  }

  /// The encoder's blocks and last norm.
  public T5Stack encoder() {
    return encoder.get();
  }

  /// The embedding.
  public Embedding shared() {
    return shared.innermost(Embedding.class);
  }

  /// The states after the last norm, `[B, S, D]`; those of padding are not to be read.
  ///
  /// @param inputIds int32 `[B, S]`
  /// @param attentionMask int32 `[B, S]`, 0 where an id is padding
  public Tensor encode(Tensor inputIds, Tensor attentionMask, Pass pass) {
    return encode(inputIds, attentionMask, false, pass);
  }

  /// @param whole whether the states of padding are read
  Tensor encode(Tensor inputIds, Tensor attentionMask, boolean whole, Pass pass) {
    checkIds("input ids", inputIds, inputIds.shape().dim(0));
    checkMask(attentionMask, inputIds);
    T5Stack stack = encoder.get();
    return checked(() ->
        whole
            ? stack.encode(inputIds, new Seen.Mask(attentionMask), pass)
            : stack.encode(inputIds, attentionMask, pass));
  }

  /// The mean of each row's states where the mask is not 0, `[B, D]`; a row without any has zeros.
  ///
  /// @param states `[B, S, D]`
  /// @param attentionMask int32 `[B, S]`
  public static Tensor meanPool(Tensor states, Tensor attentionMask) {
    int batch = states.shape().dim(0);
    int length = states.shape().dim(1);
    int width = states.shape().dim(2);
    int[] mask = attentionMask.toInts();
    if (mask.length != batch * length || attentionMask.type() != DType.I32) {
      throw new IllegalArgumentException(
          "pooling: the attention mask must be int32 ["
              + batch
              + ", "
              + length
              + "], not "
              + attentionMask.type()
              + " "
              + attentionMask.shape());
    }
    float[] weights = new float[mask.length];
    for (int row = 0; row < batch; row++) {
      int real = 0;
      for (int i = row * length; i < (row + 1) * length; i++) {
        real += mask[i] == 0 ? 0 : 1;
      }
      for (int i = row * length; i < (row + 1) * length; i++) {
        weights[i] = mask[i] == 0 ? 0 : 1f / real;
      }
    }
    Tensor weighted = Tensor.of(Shape.of(batch, 1, length), weights);
    return weighted.matmul(states).reshape(batch, width);
  }
}
