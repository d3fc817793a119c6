package dev.quintet.models.adapt.lora;

import dev.quintet.core.nn.Pass;
import dev.quintet.core.tensor.Parameter;
import dev.quintet.core.tensor.Tensor;
import dev.quintet.models.adapt.method.ResultDelta;
import java.util.Optional;

/// y + s B A dropout(x) of a projection y (Hu et al., arXiv 2106.09685).
final class LoraDelta extends ResultDelta {
  private final Parameter a;
  private final Parameter b;
  private final float scale;
  private final LoraDropout dropout;

  /// A delta.
  ///
  /// @param a `[r, K]`
  /// @param b `[N, r]`
  LoraDelta(Parameter a, Parameter b, double scale, LoraDropout dropout) {
    this.a = parameter("lora_A.weight", a);
    this.b = parameter("lora_B.weight", b);
    this.scale = (float) scale;
    this.dropout = dropout;
  }

  Parameter a() {
    return a;
  }

  Parameter b() {
    return b;
  }

  float scale() {
    return scale;
  }

  @Override
  public Tensor after(Tensor x, Tensor y, Pass pass) {
    return y.add(dropout.apply(x, pass).linear(a).multiply(scale).linear(b));
  }

  @Override
  public boolean perToken() {
    return true;
  }

  @Override
  public Optional<Tensor> merged(Tensor weight) {
    return Optional.of(weight.add(b.matmul(a).multiply(scale)));
  }
}
