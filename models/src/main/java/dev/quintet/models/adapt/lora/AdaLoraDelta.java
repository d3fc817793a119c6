package dev.quintet.models.adapt.lora;

import dev.quintet.core.nn.Pass;
import dev.quintet.core.tensor.Parameter;
import dev.quintet.core.tensor.Tensor;
import dev.quintet.models.adapt.method.ResultDelta;
import java.util.Optional;

/// y + s B (E A) dropout(x) of a projection y, E being a diagonal.
final class AdaLoraDelta extends ResultDelta {
  private final Parameter a;
  private final Parameter e;
  private final Parameter b;
  private final float scale;
  private final LoraDropout dropout;
  private volatile Optional<Parameter> kept = Optional.empty();

  /// A delta.
  ///
  /// @param a `[r, K]`
  /// @param e `[r, 1]`
  /// @param b `[N, r]`
  AdaLoraDelta(Parameter a, Parameter e, Parameter b, double scale, LoraDropout dropout) {
    this.a = parameter("lora_A", a);
    this.e = parameter("lora_E", e);
    this.b = parameter("lora_B", b);
    this.scale = (float) scale;
    this.dropout = dropout;
  }

  /// Sets which ranks are left: `[r, 1]`, 0 for those that were taken away. Outside of training they do not count, whatever E has
  /// of them, as files do not have them.
  void kept(Parameter marks) {
    kept = Optional.of(marks);
  }

  private Tensor left() {
    return kept.<Tensor>map(e::multiply).orElse(e);
  }

  Parameter a() {
    return a;
  }

  Parameter e() {
    return e;
  }

  Parameter b() {
    return b;
  }

  private boolean empty() {
    return a.shape().dim(0) == 0;
  }

  @Override
  public Tensor after(Tensor x, Tensor y, Pass pass) {
    if (empty()) {
      return y;
    }
    Tensor own = pass.training() ? e : left();
    Tensor diagonal = own.reshape(e.elements()).multiply(scale).cast(x.type());
    return y.add(dropout.apply(x, pass).linear(a).multiply(diagonal).linear(b));
  }

  @Override
  public boolean perToken() {
    return true;
  }

  @Override
  public Optional<Tensor> merged(Tensor weight) {
    return Optional.of(empty() ? weight : weight.add(b.matmul(a.multiply(left())).multiply(scale)));
  }
}
