package dev.quintet.trainer.optim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.quintet.core.shape.DType;
import dev.quintet.core.shape.Device;
import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.Parameter;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("deferred")
class EmaTest {
  private static final Ema.Options HALF = new Ema.Options(0.5, false);

  @Test
  void averagesBeginAtTheWeightsAndFollowThem() {
    try (Parameter w = Parameter.full(Shape.of(2), 1, Device.cpu());
        var ema = new Ema(HALF, Map.of("w", w))) {
      ema.begin();
      w.set(3, 5);
      ema.update();
      assertArrayEquals(new float[] {2, 3}, average(ema, "w"));
      w.set(2, 1);
      ema.update();
      assertArrayEquals(new float[] {2, 2}, average(ema, "w"));
      assertEquals(2, ema.updates());
    }
  }

  @Test
  void onlyWhatTrainsIsAveragedFromWhenItThaws() {
    try (Parameter a = Parameter.full(Shape.of(1), 1, Device.cpu());
        Parameter b = Parameter.full(Shape.of(1), 8, Device.cpu());
        var ema = new Ema(HALF, Map.of("a", a, "b", b))) {
      b.train(false);
      ema.begin();
      a.set(2);
      ema.update();
      assertEquals(Set.of("a"), ema.state().keySet());
      b.train(true);
      ema.begin();
      b.set(4);
      ema.update();
      assertArrayEquals(new float[] {6}, average(ema, "b"));
    }
  }

  @Test
  void warmingUpForgetsTheStartSoon() {
    try (Parameter w = Parameter.full(Shape.of(1), 0, Device.cpu());
        var ema = new Ema(new Ema.Options(0.999, true), Map.of("w", w))) {
      ema.begin();
      w.set(1);
      ema.update();
      assertEquals(1 - 2.0 / 11, average(ema, "w")[0], 1e-6);
    }
  }

  @Test
  void swappingInAndOutLeavesEveryBitOfTheWeights() {
    for (DType type : new DType[] {DType.F32, DType.BF16}) {
      try (Parameter w = Parameter.normal(Shape.of(101), 1, 3, Device.cpu());
          var ema = new Ema(new Ema.Options(0.9, false), Map.of("w", w))) {
        w.castTo(type);
        ema.begin();
        float[] odd = new float[101];
        odd[0] = Float.NaN;
        odd[1] = -0.0f;
        odd[2] = Float.MIN_NORMAL;
        odd[3] = 1 / 3f;
        w.set(odd);
        ema.update();
        int[] before = bits(w);
        try (var _ = ema.swappedIn()) {
          assertThrows(IllegalStateException.class, ema::update);
          assertThrows(IllegalStateException.class, ema::swappedIn);
          assertEquals(average(ema, "w")[5], w.toFloats()[5], 1e-2);
        }
        assertArrayEquals(before, bits(w));
        ema.update();
      }
    }
  }

  @Test
  void goesOnFromACheckpointWithTheSameBits() {
    try (Parameter w = Parameter.normal(Shape.of(33), 1, 3, Device.cpu());
        var ema = new Ema(new Ema.Options(0.9, true), Map.of("w", w));
        var other = new Ema(new Ema.Options(0.9, true), Map.of("w", w))) {
      ema.begin();
      w.set(new float[33]);
      ema.update();
      other.restore(ema.updates(), ema.state().keySet());
      Objects.requireNonNull(other.state().get("w")).set(average(ema, "w"));
      ema.update();
      other.update();
      assertArrayEquals(average(ema, "w"), average(other, "w"));
      assertEquals(ema.updates(), other.updates());
      assertThrows(IllegalArgumentException.class, () -> other.restore(1, Set.of("x")));
    }
  }

  private static float[] average(Ema ema, String name) {
    return Objects.requireNonNull(ema.state().get(name)).toFloats();
  }

  private static int[] bits(Parameter parameter) {
    float[] values = parameter.toFloats();
    int[] bits = new int[values.length];
    for (int i = 0; i < bits.length; i++) {
      bits[i] = Float.floatToRawIntBits(values[i]);
    }
    return bits;
  }
}
