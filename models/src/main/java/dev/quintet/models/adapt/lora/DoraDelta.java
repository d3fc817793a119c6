package dev.quintet.models.adapt.lora;

import dev.quintet.core.nn.Init;
import dev.quintet.core.nn.Pass;
import dev.quintet.core.shape.DType;
import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.Parameter;
import dev.quintet.core.tensor.Scope;
import dev.quintet.core.tensor.Tensor;
import dev.quintet.models.adapt.method.Attachment;
import dev.quintet.models.adapt.method.ResultDelta;
import java.util.Optional;

/// m / |W + s B A| (W x + s B A x), the norms being those of rows, through which no gradient goes (Liu et al., arXiv
/// 2402.09353, section 4.3).
final class DoraDelta extends ResultDelta {
  private final Parameter weight;
  private final Parameter a;
  private final Parameter b;
  private final Parameter magnitude;
  private final float scale;
  private final LoraDropout dropout;

  /// A delta, whose norms begin as the sum's own.
  ///
  /// @param path of the projection, beside whose adapter's parameters `lora_magnitude_vector`, `[N]`, is made
  /// @param weight the projection's own, `[N, K]`
  /// @param a `[r, K]`
  /// @param b `[N, r]`
  DoraDelta(
      Attachment attachment,
      String path,
      Parameter weight,
      Parameter a,
      Parameter b,
      double scale,
      LoraDropout dropout) {
    this.weight = weight;
    this.a = parameter("lora_A.weight", a);
    this.b = parameter("lora_B.weight", b);
    this.scale = (float) scale;
    this.dropout = dropout;
    Init asTheyAre =
        (made, _) -> {
          try (var _ = Scope.openWithoutGradients(made.device())) {
            made.set(norms(sum(wide(weight))));
          }
        };
    Shape rows = Shape.of(weight.shape().dim(0));
    magnitude =
        parameter(
            "lora_magnitude_vector",
            attachment.make(path, "lora_magnitude_vector", rows, asTheyAre));
  }

  private static Tensor wide(Tensor tensor) {
    return tensor.detach().cast(DType.F32);
  }

  private static Tensor norms(Tensor matrix) {
    return matrix.square().sum(-1, false).sqrt();
  }

  private Tensor sum(Tensor own) {
    return own.add(b.detach().matmul(a.detach()).multiply(scale));
  }

  /// m / |W + s B A|, `[N]`.
  private Tensor factors() {
    return magnitude.divide(Scope.local(() -> norms(sum(wide(weight)))));
  }

  @Override
  public Tensor after(Tensor x, Tensor y, Pass pass) {
    Tensor factors = factors().cast(y.type());
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
  public Optional<Tensor> merged(Tensor own) {
    Tensor sum = sum(own);
    return Optional.of(sum.multiply(magnitude.divide(norms(sum)).unsqueeze(1)));
  }
}
