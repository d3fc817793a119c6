package dev.quintet.core.nn;

import dev.quintet.core.backend.DropoutMask;
import dev.quintet.core.backend.ElementwiseKernels.Unary;
import dev.quintet.core.random.Site;
import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.Parameter;
import dev.quintet.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// y = x Wᵀ + b: `[..., K]` becomes `[..., N]`.
public final class Linear extends Module implements Layer {
  private final Parameter weight;
  private final Optional<Parameter> bias;

  /// A projection without a bias.
  ///
  /// @param weight `[N, K]`
  public Linear(Parameter weight) {
    this(weight, Optional.empty());
  }

  /// A projection.
  ///
  /// @param weight `[N, K]`
  /// @param bias `[N]`
  public Linear(Parameter weight, Parameter bias) {
    this(weight, Optional.of(bias));
  }

  /// A projection with a bias and new parameters, both spread evenly over ±1 / sqrt(in), as PyTorch's are; on the
  /// device of the innermost open scope, or on the processor. Give each layer a seed of its own.
  ///
  /// @param in the inputs K, at least 1
  /// @param out the outputs N
  public static Linear create(int in, int out, long seed) {
    return new Linear(
        fresh(in, Shape.of(out, in), seed), fresh(in, Shape.of(out), seed ^ Site.of("bias")));
  }

  /// [#create] without a bias.
  ///
  /// @param in the inputs K, at least 1
  /// @param out the outputs N
  public static Linear withoutBias(int in, int out, long seed) {
    return new Linear(fresh(in, Shape.of(out, in), seed));
  }

  private static Parameter fresh(int in, Shape shape, long seed) {
    if (in < 1) {
      throw new IllegalArgumentException("a linear layer has at least 1 input, not " + in);
    }
    return Init.uniform(1 / Math.sqrt(in)).make(shape, seed);
  }

  private Linear(Parameter weight, Optional<Parameter> bias) {
    this.weight = parameter("weight", weight);
    this.bias = bias.map(b -> parameter("bias", b));
  }

  /// The weight, `[N, K]`.
  public Parameter weight() {
    return weight;
  }

  /// The bias, `[N]`, if it has one.
  public Optional<Parameter> bias() {
    return bias;
  }

  @Override
  public Tensor apply(Tensor x, Pass pass) {
    Tensor y = x.linear(weight);
    return bias.isPresent() ? y.add(bias.get()) : y;
  }

  @Override
  public boolean perToken() {
    return true;
  }

  /// What several layers make of one input. Plain projections of one shape and type are one operation, also below an
  /// [Overlay].
  public static List<Tensor> each(List<? extends Layer> layers, Tensor x, Pass pass) {
    List<Layer> here = layers.stream().map(Overlay::now).toList();
    var weights = new ArrayList<Parameter>();
    for (Layer layer : here) {
      Optional<Linear> plain = plain(layer);
      if (plain.isPresent() && fits(plain.get().weight, weights)) {
        weights.add(plain.get().weight);
      }
    }
    if (weights.size() < here.size() || weights.size() < 2) {
      return here.stream().map(layer -> layer.apply(x, pass)).toList();
    }
    List<Tensor> projected = x.linearEach(weights);
    var results = new ArrayList<Tensor>();
    for (int i = 0; i < here.size(); i++) {
      Tensor y = projected.get(i);
      results.add(here.get(i) instanceof Overlay overlay ? overlay.over(x, y, pass) : y);
    }
    return List.copyOf(results);
  }

  /// dropout(f(gate x) up x) of two layers of one input, as [Tensor#gatedLinear]: one operation where both are plain
  /// projections of one shape and type.
  ///
  /// @param activation one that a gate may have
  public static Tensor gated(
      Unary activation, Layer gate, Layer up, Tensor x, DropoutMask mask, Pass pass) {
    if (Overlay.now(gate) instanceof Linear first
        && Overlay.now(up) instanceof Linear second
        && first.bias.isEmpty()
        && second.bias.isEmpty()
        && fits(second.weight, List.of(first.weight))) {
      return x.gatedLinear(activation, first.weight, second.weight, mask);
    }
    List<Tensor> both = each(List.of(gate, up), x, pass);
    return both.get(0).gate(activation, both.get(1), mask);
  }

  private static Optional<Linear> plain(Layer layer) {
    Optional<Linear> linear =
        switch (layer) {
          case Linear itself -> Optional.of(itself);
          case Overlay overlay -> overlay.under();
          default -> Optional.empty();
        };
    return linear.filter(one -> one.bias.isEmpty());
  }

  private static boolean fits(Parameter weight, List<Parameter> others) {
    return others.isEmpty()
        || weight.shape().equals(others.getFirst().shape())
            && weight.type() == others.getFirst().type();
  }
}
