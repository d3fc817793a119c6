package dev.quintet.models.t5;

import dev.quintet.core.nn.Module;
import dev.quintet.core.shape.DType;
import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.Tensor;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import java.util.stream.Stream;

/// Any model on T5's stacks: what [Architecture#build] makes and a checkpoint holds.
///
/// A model owns its parameters; close it when done. Forward passes may run in several threads at once, each
/// in a [dev.quintet.core.tensor.Scope] of its own; a backward changes gradients and must be alone.
public abstract sealed class T5Family extends Module
    permits T5EncoderDecoder, T5Encoder, T5SequenceClassifier, T5TokenClassifier {
  private final T5Config config;
  private final Map<Class<?>, Object> companions = new ConcurrentHashMap<>();
  private volatile Runnable check = () -> {};
  private volatile String origin = "";

  T5Family(T5Config config) {
    this.config = config;
  }

  /// The sizes and rules.
  public final T5Config config() {
    return config;
  }

  /// Which of Hugging Face's classes it is.
  public abstract Architecture architecture();

  /// The task's head; [TaskHead#DEFAULT] where there is none.
  public TaskHead task() {
    return TaskHead.DEFAULT;
  }

  /// The one object of a kind that goes with this model, made when it is first asked for: its adapters, say.
  public final <C> C companion(Class<C> kind, Supplier<C> make) {
    return kind.cast(companions.computeIfAbsent(kind, _ -> make.get()));
  }

  /// Where the model was loaded from, as it was named; empty where it was made here.
  public final String origin() {
    return origin;
  }

  /// Says where the model was loaded from.
  public final void origin(String place) {
    origin = place;
  }

  /// Whether the tokens of rows are computed without their padding, where a batch has some and nothing on the way needs it: at a
  /// share of the work, and with the results that they have with padding, but for rounding. So it is unless somebody says
  /// otherwise; a device may pad all the same.
  public final void packedRows(boolean on) {
    stacks().forEach(stack -> stack.packing(on));
  }

  /// Whether padding is left out; see [#packedRows(boolean)].
  public final boolean packedRows() {
    return stacks().allMatch(T5Stack::packing);
  }

  private Stream<T5Stack> stacks() {
    return modules().values().stream().filter(T5Stack.class::isInstance).map(T5Stack.class::cast);
  }

  /// Has something looked at before each forward pass, and where reading the weights fails: by whoever lends the model memory
  /// that others can change. It throws if they did.
  public final void watch(Runnable weights) {
    check = weights;
  }

  /// Computes a part of a forward pass. A file that was shortened under its mapping is an `InternalError` of Java's, which
  /// would end a service and name nothing.
  final <T> T watched(Supplier<T> pass) {
    try {
      return pass.get();
    } catch (InternalError e) {
      try {
        check.run();
      } catch (RuntimeException named) {
        named.addSuppressed(e);
        throw named;
      }
      throw e;
    }
  }

  /// Like [#watched], after a look.
  final <T> T checked(Supplier<T> pass) {
    check.run();
    return watched(pass);
  }

  static void checkIds(String what, Tensor ids, int batch) {
    Shape shape = ids.shape();
    if (ids.type() != DType.I32 || shape.rank() != 2 || shape.dim(0) != batch || shape.dim(1) < 1) {
      throw new IllegalArgumentException(
          "T5: the "
              + what
              + " must be int32 ["
              + batch
              + ", length], not "
              + ids.type()
              + " "
              + shape);
    }
  }

  static void checkMask(Tensor attentionMask, Tensor inputIds) {
    if (!attentionMask.shape().equals(inputIds.shape())) {
      throw new IllegalArgumentException(
          "T5: the attention mask "
              + attentionMask.shape()
              + " must have the shape of the input ids "
              + inputIds.shape());
    }
  }
}
