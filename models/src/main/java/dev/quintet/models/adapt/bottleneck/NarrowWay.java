package dev.quintet.models.adapt.bottleneck;

import dev.quintet.core.nn.Child;
import dev.quintet.core.nn.Init;
import dev.quintet.core.nn.Layer;
import dev.quintet.core.nn.Linear;
import dev.quintet.core.nn.Module;
import dev.quintet.core.nn.Pass;
import dev.quintet.core.shape.DType;
import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.Tensor;
import dev.quintet.models.adapt.method.Attachment;
import dev.quintet.models.t5.Activation;

/// s W_up f(W_down h), `[..., D]` for `[..., D]`.
final class NarrowWay extends Module implements Layer {
  private final Child<Linear> down;
  private final Child<Linear> up;
  private final Activation activation;
  private final float scale;

  /// Makes `bottleneck.down.weight`, `[R, D]`, and `bottleneck.up.weight`, `[D, R]`, of which the latter begins with zeros.
  NarrowWay(Attachment attachment, String path, Bottleneck method) {
    int width = attachment.model().config().modelWidth();
    int size = method.size();
    Init spread = Init.uniform(1 / Math.sqrt(width));
    down =
        child(
            "down",
            new Linear(
                attachment.make(path, "bottleneck.down.weight", Shape.of(size, width), spread)));
    up =
        child(
            "up",
            new Linear(
                attachment.make(
                    path, "bottleneck.up.weight", Shape.of(width, size), Init.zeros())));
    activation = method.activation();
    scale = (float) method.scale();
  }

  @Override
  public Tensor apply(Tensor h, Pass pass) {
    DType type = down.get().weight().type();
    Tensor inside = activation.apply(down.get().apply(h.cast(type), pass));
    Tensor made = up.get().apply(inside, pass);
    return (scale == 1 ? made : made.multiply(scale)).cast(h.type());
  }
}
