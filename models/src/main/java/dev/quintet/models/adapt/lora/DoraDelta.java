package dev.quintet.models.adapt.lora;

import dev.quintet.core.nn.Pass;
import dev.quintet.core.tensor.Parameter;
import dev.quintet.core.tensor.Tensor;
import dev.quintet.models.adapt.method.ResultDelta;
import java.util.Optional;

/// m / |W + s B A| (W x + s B A x), the norms being those of rows, through which no gradient goes (Liu et al., arXiv
/// 2402.09353, section 4.3).
final class DoraDelta extends ResultDelta {
  private final Parameter weight;
  private final Parameter a;
  private final Parameter b;
  private final Parameter magnitude;
  private final SumNorms norms;
  private final float scale;
  private final LoraDropout dropout;

  /// A delta.
  ///
  /// @param weight the projection's own, `[N, K]`
  /// @param a `[r, K]`
  /// @param b `[N, r]`
  /// @param magnitude `[N]`
  DoraDelta(
      Parameter weight,
      Parameter a,
      Parameter b,
      Parameter magnitude,
      SumNorms norms,
      double scale,
      LoraDropout dropout) {
    this.weight = weight;
    this.a = parameter("lora_A.weight", a);
    this.b = parameter("lora_B.weight", b);
    this.magnitude = parameter("lora_magnitude_vector", magnitude);
    this.norms = norms;
    this.scale = (float) scale;
    this.dropout = dropout;
  }

  @Override
  public Tensor after(Tensor x, Tensor y, Pass pass) {
    Tensor factors = magnitude.divide(norms.now(pass)).cast(y.type());
    Tensor dropped = dropout.apply(x, pass);
    Tensor product = dropped.linear(a).multiply(scale).linear(b);
    if (!dropout.drops(pass)) {
      return y.add(product).multiply(factors);
    }
    // what is dropped is missing from the factors' share of W x as well, as in peft
    return y.add(dropped.linear(weight).multiply(factors.subtract(1)))
        .add(product.multiply(factors));
  }

  @Override
  public boolean perToken() {
    return true;
  }

  @Override
  public Optional<Tensor> merged(Tensor own) {
    return Optional.of(norms.merged(own, magnitude));
  }
}
