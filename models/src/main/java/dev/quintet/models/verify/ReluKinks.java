package dev.quintet.models.verify;

import dev.quintet.core.nn.Child;
import dev.quintet.core.nn.Layer;
import dev.quintet.core.nn.Module;
import dev.quintet.core.nn.Pass;
import dev.quintet.core.tensor.Tensor;
import dev.quintet.models.t5.T5Family;
import dev.quintet.models.t5.T5FeedForward;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The inputs of a model's ReLUs that lie nearer 0 than float32 rounding reaches.
///
/// Two correct computations may put such an input on different sides of 0: the outputs agree, but the gradient jumps.
/// In a batch of 300 positions there is one every few models. This finds them, and lets chosen ones pass
/// on the other side, so that a recording can be compared with the gradient of the side that it was on.
public final class ReluKinks implements AutoCloseable {
  // Rounding moves the input of the first ReLU by 1e-7 of the largest one (root mean square), at
  // most by 1e-6.
  private static final double REACH = 1e-6;
  private static final int MOST = 8;

  private final T5Family model;
  private final Map<String, Watch> watches = new LinkedHashMap<>();
  private final Set<Kink> flipped = new HashSet<>();

  /// One input of one ReLU.
  ///
  /// @param path the projection that computes it
  /// @param index its place in that projection's result
  /// @param distance from 0, of the largest magnitude there
  public record Kink(String path, int index, double distance) {}

  /// Watches a model's projections until closed.
  public ReluKinks(T5Family model) {
    this.model = model;
    if (model.config().feedForward().activation().jumpsAtZero()) {
      String name = model.config().feedForward().gated() ? ".wi_0" : ".wi";
      model
          .modules()
          .forEach((path, module) -> {
            if (module instanceof T5FeedForward && model.find(path + name).isPresent()) {
              Module base = model.find(path + name).orElseThrow();
              watches.put(path + name, new Watch(path + name, base));
            }
          });
      watches.forEach(model::replace);
    }
  }

  /// Those that the last pass met, the nearest first.
  public List<Kink> found() {
    var all = new ArrayList<Kink>();
    watches.values().forEach(watch -> all.addAll(watch.met));
    all.sort(Comparator.comparingDouble(Kink::distance));
    return all.subList(0, Math.min(MOST, all.size()));
  }

  /// Lets these pass on the other side from now on.
  public void flip(Set<Kink> kinks) {
    flipped.clear();
    flipped.addAll(kinks);
  }

  @Override
  public void close() {
    watches.forEach((path, watch) -> model.replace(path, watch.base));
  }

  private final class Watch extends Module implements Layer {
    private final String path;
    private final Module base;
    private final Child<Layer> layer;
    private List<Kink> met = List.of();

    Watch(String path, Module base) {
      this.path = path;
      this.base = base;
      this.layer = wraps(Layer.class, base);
    }

    @Override
    public Tensor apply(Tensor x, Pass pass) {
      Tensor y = layer.get().apply(x, pass);
      float[] values = y.toFloats();
      float largest = 0;
      for (float value : values) {
        largest = Math.max(largest, Math.abs(value));
      }
      met = new ArrayList<>();
      float[] shift = new float[values.length];
      boolean shifts = false;
      for (int i = 0; i < values.length; i++) {
        if (Math.abs(values[i]) <= REACH * largest) {
          met.add(new Kink(path, i, Math.abs(values[i]) / largest));
          if (isFlipped(i)) {
            // To the other side, and off 0 itself.
            shift[i] = -2 * values[i] + (values[i] > 0 ? -Float.MIN_NORMAL : Float.MIN_NORMAL);
            shifts = true;
          }
        }
      }
      return shifts ? y.add(Tensor.of(y.shape(), shift)) : y;
    }

    private boolean isFlipped(int index) {
      return flipped.stream().anyMatch(kink -> kink.index() == index && kink.path().equals(path));
    }
  }
}
