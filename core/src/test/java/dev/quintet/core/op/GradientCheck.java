package dev.quintet.core.op;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.quintet.core.random.Permutation;
import dev.quintet.core.random.Philox;
import dev.quintet.core.shape.Device;
import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.Scope;
import dev.quintet.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/// Compares the gradients of an operation with central differences of its forward.
///
/// The loss is a random projection of the result, summed in float64. The forward is float32, so steps are
/// wide and 1/200 of the largest gradient is allowed; the kernels' contracts hold each family to 1e-4 of a
/// float64 form.
final class GradientCheck {
  private static final double STEP = 1e-2;
  private static final double TOLERANCE = 5e-3;
  private static final int PROBES = 24;

  private final Function<List<Tensor>, Tensor> operation;
  private final List<Shape> shapes = new ArrayList<>();
  private final List<float[]> values = new ArrayList<>();
  private final long seed;

  private GradientCheck(Function<List<Tensor>, Tensor> operation, long seed) {
    this.operation = operation;
    this.seed = seed;
  }

  static GradientCheck of(long seed, Function<List<Tensor>, Tensor> operation) {
    return new GradientCheck(operation, seed);
  }

  /// An input of normal values.
  GradientCheck input(long... dims) {
    return input(x -> x, dims);
  }

  /// An input of normal values, each mapped, such as to keep them positive or apart.
  GradientCheck input(Function<Float, Float> map, long... dims) {
    Shape shape = Shape.of(dims);
    Philox random = Philox.of(seed, shapes.size());
    float[] drawn = new float[(int) shape.elements()];
    for (int i = 0; i < drawn.length; i++) {
      drawn[i] = map.apply((float) random.nextGaussian());
    }
    shapes.add(shape);
    values.add(drawn);
    return this;
  }

  /// An input whose elements lie further apart than the steps, for operations that compare them.
  GradientCheck distinctInput(long... dims) {
    Shape shape = Shape.of(dims);
    int[] ranks = Permutation.of(seed, shapes.size(), (int) shape.elements());
    float[] drawn = new float[ranks.length];
    for (int i = 0; i < drawn.length; i++) {
      drawn[i] = 0.05f * ranks[i] - 1;
    }
    shapes.add(shape);
    values.add(drawn);
    return this;
  }

  void run() {
    List<float[]> gradients = gradients();
    Philox random = Philox.of(seed, 99);
    for (int n = 0; n < values.size(); n++) {
      float[] gradient = gradients.get(n);
      double largest = 1e-3;
      for (float g : gradient) {
        largest = Math.max(largest, Math.abs(g));
      }
      for (int probe = 0; probe < Math.min(PROBES, gradient.length); probe++) {
        int i = gradient.length <= PROBES ? probe : random.nextInt(gradient.length);
        float kept = values.get(n)[i];
        values.get(n)[i] = (float) (kept + STEP);
        double above = loss();
        values.get(n)[i] = (float) (kept - STEP);
        double below = loss();
        values.get(n)[i] = kept;
        assertEquals(
            (above - below) / (2 * STEP),
            gradient[i],
            TOLERANCE * largest,
            "input " + n + " of shape " + shapes.get(n) + ", element " + i + ", seed " + seed);
      }
    }
  }

  private List<float[]> gradients() {
    try (var _ = Scope.open(Device.cpu())) {
      List<Tensor> inputs = inputs();
      inputs.forEach(Tensor::withGradient);
      Tensor y = operation.apply(inputs);
      y.multiply(Tensor.of(y.shape(), projection((int) y.elements()))).sum().backward();
      return inputs.stream().map(x -> x.gradient().toFloats()).toList();
    }
  }

  private double loss() {
    try (var _ = Scope.openWithoutGradients(Device.cpu())) {
      float[] y = operation.apply(inputs()).toFloats();
      float[] projection = projection(y.length);
      double sum = 0;
      for (int i = 0; i < y.length; i++) {
        sum += (double) y[i] * projection[i];
      }
      return sum;
    }
  }

  private List<Tensor> inputs() {
    var inputs = new ArrayList<Tensor>();
    for (int n = 0; n < shapes.size(); n++) {
      inputs.add(Tensor.of(shapes.get(n), values.get(n)));
    }
    return inputs;
  }

  private float[] projection(int count) {
    Philox random = Philox.of(seed, 77);
    float[] projection = new float[count];
    for (int i = 0; i < count; i++) {
      projection[i] = (float) random.nextGaussian();
    }
    return projection;
  }
}
