package dev.quintet.models.adapt.lora;

import dev.quintet.core.nn.Pass;
import dev.quintet.core.tensor.Parameter;
import dev.quintet.core.tensor.Tensor;
import dev.quintet.models.adapt.method.ResultDelta;
import java.util.Optional;

/// m / |W + s (B A)^T| (y + s B A of the ids' columns of A), for an embedding y, the norms being those of columns, through
/// which no gradient goes.
final class DoraEmbeddingDelta extends ResultDelta {
  private final Parameter a;
  private final Parameter b;
  private final Parameter magnitude;
  private final SumNorms norms;
  private final float scale;

  /// A delta.
  ///
  /// @param a `[r, V]`
  /// @param b `[D, r]`
  /// @param magnitude `[D]`
  DoraEmbeddingDelta(Parameter a, Parameter b, Parameter magnitude, SumNorms norms, double scale) {
    this.a = parameter("lora_embedding_A", a);
    this.b = parameter("lora_embedding_B", b);
    this.magnitude = parameter("lora_magnitude_vector", magnitude);
    this.norms = norms;
    this.scale = (float) scale;
  }

  @Override
  public Tensor after(Tensor ids, Tensor y, Pass pass) {
    Tensor rows = a.transpose(0, 1).rows(ids).multiply(scale);
    Tensor factors = magnitude.divide(norms.now(pass));
    return y.add(rows.linear(b).cast(y.type())).multiply(factors.cast(y.type()));
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
