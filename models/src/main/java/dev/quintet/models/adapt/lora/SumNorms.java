package dev.quintet.models.adapt.lora;

import dev.quintet.core.nn.Pass;
import dev.quintet.core.shape.DType;
import dev.quintet.core.shape.Device;
import dev.quintet.core.tensor.Parameter;
import dev.quintet.core.tensor.Scope;
import dev.quintet.core.tensor.Tensor;
import java.util.List;
import java.util.Optional;

/// The norms of a weight with LoRA's product, as DoRA has them: of the rows of W + s B A of a projection, of the columns of
/// W + s (B A)^T of an embedding. Outside of training they are computed anew only where W, A or B has changed, as a decoder
/// would otherwise pay for the whole matrix with each token.
final class SumNorms {
  private final Parameter weight;
  private final Parameter a;
  private final Parameter b;
  private final float scale;
  private final boolean table;
  private volatile Optional<Kept> kept = Optional.empty();

  /// Norms.
  ///
  /// @param weight `[N, K]` of a projection, `[V, D]` of an embedding
  /// @param a `[r, K]`, or `[r, V]`
  /// @param b `[N, r]`, or `[D, r]`
  /// @param table whether it is an embedding
  SumNorms(Parameter weight, Parameter a, Parameter b, double scale, boolean table) {
    this.weight = weight;
    this.a = a;
    this.b = b;
    this.scale = (float) scale;
    this.table = table;
  }

  /// Norms of what had not changed since.
  private record Kept(Device device, List<Integer> versions, Parameter norms) {}

  private List<Integer> versions() {
    return List.of(weight.storage().version(), a.storage().version(), b.storage().version());
  }

  /// How many there are.
  int count() {
    return weight.shape().dim(table ? 1 : 0);
  }

  /// The norms, `[N]` or `[D]`, float32, through which no gradient goes.
  Tensor now(Pass pass) {
    if (pass.training()) {
      return computed();
    }
    List<Integer> versions = versions();
    Optional<Kept> before = kept;
    if (before.isPresent()
        && before.get().device.equals(weight.device())
        && before.get().versions.equals(versions)) {
      return before.get().norms;
    }
    Tensor made = computed();
    // who still computes with the former norms keeps them; nobody else frees them then
    Parameter copy = Parameter.copyOf(made);
    copy.train(false);
    kept = Optional.of(new Kept(weight.device(), versions, copy));
    return made;
  }

  /// The norms, computed.
  Tensor computed() {
    return Scope.local(() -> of(sum(weight.detach().cast(DType.F32))));
  }

  /// The sum with a weight, of which a gradient goes nowhere.
  Tensor sum(Tensor own) {
    Tensor product = b.detach().matmul(a.detach()).multiply(scale);
    return own.add(table ? product.transpose(0, 1) : product);
  }

  /// The norms of a sum.
  private Tensor of(Tensor sum) {
    return sum.square().sum(table ? 0 : -1, false).sqrt();
  }

  /// What a weight becomes where the norms are these.
  ///
  /// @param own the weight
  /// @param magnitude `[N]` or `[D]`
  Tensor merged(Tensor own, Tensor magnitude) {
    Tensor sum = sum(own);
    Tensor factors = magnitude.divide(of(sum));
    return sum.multiply(table ? factors : factors.unsqueeze(1));
  }
}
