package dev.quintet.core.backend;

import dev.quintet.core.backend.LayoutKernels.Gather;
import java.util.function.IntBinaryOperator;

/// Where copies, gathers and scatters take their elements from, as it is defined.
final class PlainLayout {
  private PlainLayout() {}

  /// What happens with one pair of places of a strided copy.
  interface Move {
    void move(int source, int target);
  }

  /// Visits every pair of places.
  static void copy(StridedCopy copy, Move move) {
    copy(copy, 0, 0, 0, move);
  }

  private static void copy(StridedCopy copy, int axis, int source, int target, Move move) {
    if (axis == copy.sizes().length) {
      move.move(source, target);
      return;
    }
    for (int i = 0; i < copy.sizes()[axis]; i++) {
      int from = source + i * (int) copy.sourceStrides()[axis];
      int to = target + i * (int) copy.targetStrides()[axis];
      copy(copy, axis + 1, from, to, move);
    }
  }

  /// Visits every element of y with its place in x.
  static void gather(Gather g, int[] index, Move move) {
    int inner = (int) g.inner();
    IntBinaryOperator place = // of element i of count c, in the index of one outer part
        (c, i) -> g.elementwise() ? c * inner + i : c;
    int perOuter = g.shared() ? 0 : g.count() * (g.elementwise() ? inner : 1);
    for (int o = 0; o < g.outer(); o++) {
      for (int c = 0; c < g.count(); c++) {
        for (int i = 0; i < inner; i++) {
          int at = index[o * perOuter + place.applyAsInt(c, i)];
          move.move((o * g.axis() + at) * inner + i, (o * g.count() + c) * inner + i);
        }
      }
    }
  }

  /// The bfloat16 nearest to a float32, ties to even, found among its two neighbours.
  static short bfloat16(float value) {
    int bits = Float.floatToRawIntBits(value);
    short below = (short) (bits >>> 16);
    if ((bits & 0xFFFF) == 0 || !Float.isFinite(value)) {
      return Float.isNaN(value) ? (short) (below | 0x40) : below;
    }
    short above = (short) (below + 1);
    double toBelow = Math.abs((double) value - widen(below));
    // Beyond the largest finite one, the next step of the same size stands for infinity.
    double next = widen(above);
    double step = Double.isInfinite(next) ? widen(below) - (double) widen((short) (below - 1)) : 0;
    double toAbove = Math.abs(value - (step == 0 ? next : widen(below) + step));
    if (toBelow != toAbove) {
      return toBelow < toAbove ? below : above;
    }
    return (below & 1) == 0 ? below : above;
  }

  /// The float32 with these upper bits.
  static float widen(short bfloat16) {
    return Float.intBitsToFloat(bfloat16 << 16);
  }
}
