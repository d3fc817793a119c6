package dev.quintet.core.cpu.work;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import dev.quintet.core.backend.AttentionCall;
import dev.quintet.core.backend.AttentionCall.Bias;
import java.lang.foreign.MemorySegment;

/// An attention's biases of all distances from its last query and first key to its first query and last key: a table
/// that reaches so far that no distance is clamped, `[H, T + S - 1]`, in which the keys of a query lie side by side.
public final class DistanceStrip {
  private DistanceStrip() {}

  /// The call with its table laid out as a strip in a room.
  public static AttentionCall of(AttentionCall call, NativeRoom room) {
    int length = length(call);
    long address = room.floats((long) call.heads() * length);
    lay(call, address);
    int reach = call.queries() - 1 + call.masks().queryOffset();
    return call.withBias(new Bias(address, 0, length, reach));
  }

  /// Lays the table of a call out as a strip.
  ///
  /// @param address where it goes
  public static void lay(AttentionCall call, long address) {
    Bias table = call.bias();
    int length = length(call);
    MemorySegment from = Native.floats(table.address(), call.heads() * table.headStride());
    MemorySegment to = Native.floats(address, (long) call.heads() * length);
    for (int h = 0; h < call.heads(); h++) {
      for (int d = 0; d < length; d++) {
        float bias = from.getAtIndex(JAVA_FLOAT_UNALIGNED, h * table.headStride() + place(call, d));
        to.setAtIndex(JAVA_FLOAT_UNALIGNED, (long) h * length + d, bias);
      }
    }
  }

  private static int length(AttentionCall call) {
    return call.queries() + call.keys() - 1;
  }

  /// Adds the gradients of strips, `[B, H, T + S - 1]`, to that of the table of the call.
  public static void fold(AttentionCall call, long strips, long gradient) {
    int length = length(call);
    int width = 2 * call.bias().reach() + 1;
    for (int h = 0; h < call.heads(); h++) {
      double[] sums = new double[width];
      for (int b = 0; b < call.batch(); b++) {
        long strip = Native.at(strips, ((long) b * call.heads() + h) * length);
        MemorySegment from = Native.floats(strip, length);
        for (int d = 0; d < length; d++) {
          sums[place(call, d)] += from.getAtIndex(JAVA_FLOAT_UNALIGNED, d);
        }
      }
      MemorySegment to = Native.floats(Native.at(gradient, h * call.bias().headStride()), width);
      for (int i = 0; i < width; i++) {
        float sum = (float) (to.getAtIndex(JAVA_FLOAT_UNALIGNED, i) + sums[i]);
        to.setAtIndex(JAVA_FLOAT_UNALIGNED, i, sum);
      }
    }
  }

  /// Where in a head's part of the table an element of the strip is found.
  private static int place(AttentionCall call, int d) {
    int reach = call.bias().reach();
    long distance = d - (call.queries() - 1L) - call.masks().queryOffset();
    return reach + Math.clamp(distance, -reach, reach);
  }
}
