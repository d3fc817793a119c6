package dev.quintet.models.adapt.method;

import dev.quintet.core.nn.Child;
import dev.quintet.core.nn.Layer;
import dev.quintet.core.nn.Linear;
import dev.quintet.core.nn.Module;
import dev.quintet.core.nn.Overlay;
import dev.quintet.core.nn.Pass;
import dev.quintet.core.tensor.Tensor;
import java.util.Optional;

/// A layer of the model with the deltas of any number of adapters, of which each row has at most one.
final class AdaptedLayer extends Module implements Overlay, Site {
  private final Child<Layer> base;
  private final Deltas<LayerDelta> deltas;

  AdaptedLayer(Sites sites, Module module) {
    base = wraps(Layer.class, module);
    deltas = new Deltas<>(sites);
  }

  @Override
  public Module base() {
    return (Module) base.get();
  }

  @Override
  public void put(String adapter, Delta delta) {
    if (!(delta instanceof LayerDelta fits)) {
      throw new AdapterException(
          path() + " is a layer: a delta of an attention has no place there");
    }
    child(adapter, fits);
    deltas.put(adapter, fits);
  }

  @Override
  public void take(String adapter) {
    deltas.remove(adapter);
    remove(adapter);
  }

  @Override
  public Deltas<LayerDelta> deltas() {
    return deltas;
  }

  @Override
  public Layer now() {
    if (deltas.none()) {
      return base.get();
    }
    return deltas.only() instanceof SubstituteDelta other ? other.layer() : this;
  }

  @Override
  public Optional<Linear> under() {
    return base.get() instanceof Linear linear && deltas.all(ResultDelta.class)
        ? Optional.of(linear)
        : Optional.empty();
  }

  @Override
  public boolean perToken() {
    LayerDelta only = deltas.only();
    return base.get().perToken() && (only == null ? deltas.none() : only.perToken());
  }

  @Override
  public Tensor over(Tensor x, Tensor y, Pass pass) {
    return deltas.eachGroup(
        x.shape().dim(0),
        (delta, rows) -> ((ResultDelta) delta).after(rows.of(x), rows.of(y), pass),
        rows -> rows.of(y));
  }

  @Override
  public Tensor apply(Tensor x, Pass pass) {
    if (deltas.all(ResultDelta.class)) {
      return over(x, base.get().apply(x, pass), pass);
    }
    return deltas.eachGroup(
        x.shape().dim(0),
        (delta, rows) -> delta.apply(base.get(), rows.of(x), pass),
        rows -> base.get().apply(rows.of(x), pass));
  }
}
