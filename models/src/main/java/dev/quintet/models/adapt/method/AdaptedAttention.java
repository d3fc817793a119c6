package dev.quintet.models.adapt.method;

import dev.quintet.core.nn.Child;
import dev.quintet.core.nn.Module;
import dev.quintet.core.nn.Pass;
import dev.quintet.core.tensor.AttentionOptions;
import dev.quintet.core.tensor.Tensor;
import dev.quintet.models.t5.AttentionLayer;
import dev.quintet.models.t5.KeysAndValues;
import dev.quintet.models.t5.RelativePositionBias;
import java.util.Optional;
import java.util.function.UnaryOperator;

/// An attention of the model with the deltas of any number of adapters, of which each row has at most one.
final class AdaptedAttention extends Module implements AttentionLayer, Site {
  private final Child<AttentionLayer> base;
  private final Deltas<AttentionDelta> deltas;

  AdaptedAttention(Sites sites, Module module) {
    base = wraps(AttentionLayer.class, module);
    deltas = new Deltas<>(sites);
  }

  @Override
  public Module base() {
    return (Module) base.get();
  }

  @Override
  public void put(String adapter, Delta delta) {
    if (!(delta instanceof AttentionDelta fits)) {
      throw new AdapterException(
          path() + " is an attention: a delta of a layer has no place there");
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
  public Deltas<AttentionDelta> deltas() {
    return deltas;
  }

  @Override
  public boolean packs() {
    AttentionDelta only = deltas.only();
    return base.get().packs() && (only == null ? deltas.none() : only.packs());
  }

  @Override
  public KeysAndValues keysAndValues(Tensor states, Pass pass) {
    return base.get().keysAndValues(states, pass);
  }

  @Override
  public Tensor attend(Tensor x, KeysAndValues memory, AttentionOptions options, Pass pass) {
    return after(x, base.get().attend(x, memory, options, pass), pass);
  }

  @Override
  public Tensor attendSelf(
      Tensor x, UnaryOperator<KeysAndValues> remember, AttentionOptions options, Pass pass) {
    AttentionDelta only = deltas.only();
    return only != null
        ? only.attendSelf(base.get(), x, remember, options, pass)
        : after(x, base.get().attendSelf(x, remember, options, pass), pass);
  }

  private Tensor after(Tensor x, Tensor y, Pass pass) {
    return deltas.eachGroup(
        x.shape().dim(0),
        (delta, rows) -> delta.after(rows.of(x), rows.of(y), pass),
        rows -> rows.of(y));
  }

  @Override
  public Optional<RelativePositionBias> relativeBias() {
    return base.get().relativeBias();
  }
}
