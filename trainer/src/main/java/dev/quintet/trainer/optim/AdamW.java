package dev.quintet.trainer.optim;

import dev.quintet.core.backend.OptimizerKernels;
import dev.quintet.core.backend.RunState;
import dev.quintet.core.backend.Spans;
import dev.quintet.core.shape.DType;
import dev.quintet.core.shape.Shape;
import java.util.Map;
import java.util.TreeMap;

/// AdamW (Loshchilov and Hutter, arXiv 1711.05101): two moments, `NAME.first` and `NAME.second`, of each parameter.
public final class AdamW extends TableOptimizer {
  private final Options options;

  /// An optimizer without state.
  public AdamW(Options options) {
    this(options, DType.F32);
  }

  private AdamW(Options options, DType moments) {
    super(moments);
    this.options = options;
  }

  @Override
  Map<String, Shape> moments(Shape shape) {
    return new TreeMap<>(Map.of("first", shape, "second", shape));
  }

  @Override
  void update(OptimizerKernels kernels, RunState state, Spans spans) {
    kernels.adamW(
        new OptimizerKernels.AdamW(
            (float) options.beta1, (float) options.beta2, (float) options.epsilon),
        state,
        spans);
  }

  /// Adam's constants.
  ///
  /// @param beta1 decay of the first moment
  /// @param beta2 decay of the second moment
  /// @param epsilon added to the root of the second moment
  public record Options(double beta1, double beta2, double epsilon) implements Optimizer.Options {
    /// 0.9, 0.999 and 1e-8, as in PyTorch.
    public static final Options DEFAULT = new Options(0.9, 0.999, 1e-8);

    @Override
    public Optimizer create() {
      return new AdamW(this);
    }

    @Override
    public double defaultDecay() {
      return 0.01;
    }

    /// These constants with moments that are stored as bfloat16.
    public Narrow withNarrowMoments() {
      return new Narrow(this);
    }
  }

  /// AdamW whose moments are stored as bfloat16, rounded stochastically: half of their memory. For the processor.
  ///
  /// @param constants Adam's
  public record Narrow(Options constants) implements Optimizer.Options {

    @Override
    public Optimizer create() {
      return new AdamW(constants, DType.BF16);
    }

    @Override
    public double defaultDecay() {
      return constants.defaultDecay();
    }
  }
}
