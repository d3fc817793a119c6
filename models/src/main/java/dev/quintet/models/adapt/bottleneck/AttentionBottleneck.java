package dev.quintet.models.adapt.bottleneck;

import dev.quintet.core.nn.Child;
import dev.quintet.core.nn.Pass;
import dev.quintet.core.tensor.Tensor;
import dev.quintet.models.adapt.method.AttentionDelta;

/// A bottleneck behind an attention.
final class AttentionBottleneck extends AttentionDelta {
  private final Child<NarrowWay> way;

  AttentionBottleneck(NarrowWay way) {
    this.way = child("bottleneck", way);
  }

  @Override
  public boolean packs() {
    return true;
  }

  @Override
  public Tensor after(Tensor x, Tensor y, Pass pass) {
    return y.add(way.get().apply(y, pass));
  }
}
