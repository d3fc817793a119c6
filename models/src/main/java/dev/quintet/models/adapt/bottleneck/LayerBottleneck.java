package dev.quintet.models.adapt.bottleneck;

import dev.quintet.core.nn.Child;
import dev.quintet.core.nn.Pass;
import dev.quintet.core.tensor.Tensor;
import dev.quintet.models.adapt.method.ResultDelta;

/// A bottleneck behind a feed-forward layer, or beside it.
final class LayerBottleneck extends ResultDelta {
  private final Child<NarrowWay> way;
  private final boolean beside;

  LayerBottleneck(NarrowWay way, boolean beside) {
    this.way = child("bottleneck", way);
    this.beside = beside;
  }

  @Override
  public boolean perToken() {
    return true;
  }

  @Override
  public Tensor after(Tensor x, Tensor y, Pass pass) {
    return y.add(way.get().apply(beside ? x : y, pass));
  }
}
