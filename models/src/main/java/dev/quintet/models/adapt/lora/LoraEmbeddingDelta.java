package dev.quintet.models.adapt.lora;

import dev.quintet.core.nn.Pass;
import dev.quintet.core.tensor.Parameter;
import dev.quintet.core.tensor.Tensor;
import dev.quintet.models.adapt.method.ResultDelta;
import java.util.Optional;

/// y + s B A of the ids' columns of A, for an embedding y.
final class LoraEmbeddingDelta extends ResultDelta {
  private final Parameter a;
  private final Parameter b;
  private final float scale;

  /// A delta.
  ///
  /// @param a `[r, V]`
  /// @param b `[D, r]`
  LoraEmbeddingDelta(Parameter a, Parameter b, double scale) {
    this.a = parameter("lora_embedding_A", a);
    this.b = parameter("lora_embedding_B", b);
    this.scale = (float) scale;
  }

  @Override
  public Tensor after(Tensor ids, Tensor y, Pass pass) {
    Tensor rows = a.transpose(0, 1).rows(ids).multiply(scale);
    return y.add(rows.linear(b).cast(y.type()));
  }

  @Override
  public boolean perToken() {
    return true;
  }

  @Override
  public Optional<Tensor> merged(Tensor table) {
    return Optional.of(table.add(b.matmul(a).transpose(0, 1).multiply(scale)));
  }
}
