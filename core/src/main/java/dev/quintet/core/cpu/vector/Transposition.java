package dev.quintet.core.cpu.vector;

import static dev.quintet.core.cpu.lane.LaneSwaps.SWAP_1;
import static dev.quintet.core.cpu.lane.LaneSwaps.SWAP_2;
import static dev.quintet.core.cpu.lane.LaneSwaps.SWAP_4;
import static dev.quintet.core.cpu.lane.LaneSwaps.SWAP_8;
import static dev.quintet.core.cpu.lane.LaneSwaps.UPPER_1;
import static dev.quintet.core.cpu.lane.LaneSwaps.UPPER_2;
import static dev.quintet.core.cpu.lane.LaneSwaps.UPPER_4;
import static dev.quintet.core.cpu.lane.LaneSwaps.UPPER_8;
import static dev.quintet.core.cpu.lane.Lanes.F;
import static dev.quintet.core.cpu.lane.Lanes.N;
import static dev.quintet.core.cpu.lane.Lanes.ORDER;
import static dev.quintet.core.cpu.vector.RegisterBlock.COLUMNS;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.quintet.core.cpu.work.Native;
import dev.quintet.core.cpu.work.Workspace;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/// Transposes as many rows as a vector has lanes, for panels of B: blocks of 4, 2 and 1 are swapped in registers
/// (Eklundh 1972), in both halves of a vector of 16, and those halves last.
///
/// One vector shape does it all: with a second one around, calls inside the Vector API are no longer of one class, and
/// plain copies elsewhere become objects. The two steps are two methods for the same reason: together they are too
/// large for the compiler.
public final class Transposition {
  private Transposition() {}

  /// Brings `rows` rows, at most a vector's lanes, into columns of a panel.
  ///
  /// @param from address of the first row
  /// @param step elements from one row to the next
  /// @param rows rows; lanes of the panel beyond them may get anything finite
  /// @param depth elements of a row
  /// @param to address in the panel, whose rows are [RegisterBlock#COLUMNS] apart
  static void rows(long from, int step, int rows, int depth, long to) {
    if (depth < N) {
      oneByOne(from, step, rows, depth, to);
      return;
    }
    int blocks = (depth + N - 1) / N;
    float[] turned = Workspace.floats(Workspace.TURNED, 2 * blocks * 8 * N);
    int second = blocks * 8 * N;
    turn(from, step, Math.min(8, rows), depth, turned, 0);
    if (N == 8) {
      place(turned, depth, to);
    } else {
      if (rows > 8) {
        turn(Native.at(from, 8L * step), step, rows - 8, depth, turned, second);
      }
      join(turned, rows > 8 ? second : 0, depth, to);
    }
  }

  private static void oneByOne(long from, int step, int rows, int depth, long to) {
    MemorySegment source = Native.floats(from, (rows - 1L) * step + depth);
    MemorySegment target = Native.floats(to, (depth - 1L) * COLUMNS + rows);
    for (int r = 0; r < rows; r++) {
      for (int k = 0; k < depth; k++) {
        target.setAtIndex(
            JAVA_FLOAT, (long) k * COLUMNS + r, source.getAtIndex(JAVA_FLOAT, (long) r * step + k));
      }
    }
  }

  /// Eight rows in blocks of 8 x 8. Missing rows repeat the last; the last block begins earlier where `depth` is no
  /// multiple of the lanes.
  private static void turn(long from, int step, int rows, int depth, float[] to, int at) {
    MemorySegment source = Native.floats(from, (rows - 1L) * step + depth);
    long s = 4L * step;
    long s1 = s * Math.min(1, rows - 1);
    long s2 = s * Math.min(2, rows - 1);
    long s3 = s * Math.min(3, rows - 1);
    long s4 = s * Math.min(4, rows - 1);
    long s5 = s * Math.min(5, rows - 1);
    long s6 = s * Math.min(6, rows - 1);
    long s7 = s * Math.min(7, rows - 1);
    for (int first = 0; first < depth; first += N) {
      long i = 4L * Math.min(first, depth - N);
      FloatVector r0 = FloatVector.fromMemorySegment(F, source, i, ORDER);
      FloatVector r1 = FloatVector.fromMemorySegment(F, source, i + s1, ORDER);
      FloatVector r2 = FloatVector.fromMemorySegment(F, source, i + s2, ORDER);
      FloatVector r3 = FloatVector.fromMemorySegment(F, source, i + s3, ORDER);
      FloatVector r4 = FloatVector.fromMemorySegment(F, source, i + s4, ORDER);
      FloatVector r5 = FloatVector.fromMemorySegment(F, source, i + s5, ORDER);
      FloatVector r6 = FloatVector.fromMemorySegment(F, source, i + s6, ORDER);
      FloatVector r7 = FloatVector.fromMemorySegment(F, source, i + s7, ORDER);

      FloatVector p0 = r0.blend(r4.rearrange(SWAP_4), UPPER_4);
      FloatVector p1 = r1.blend(r5.rearrange(SWAP_4), UPPER_4);
      FloatVector p2 = r2.blend(r6.rearrange(SWAP_4), UPPER_4);
      FloatVector p3 = r3.blend(r7.rearrange(SWAP_4), UPPER_4);
      FloatVector p4 = r0.rearrange(SWAP_4).blend(r4, UPPER_4);
      FloatVector p5 = r1.rearrange(SWAP_4).blend(r5, UPPER_4);
      FloatVector p6 = r2.rearrange(SWAP_4).blend(r6, UPPER_4);
      FloatVector p7 = r3.rearrange(SWAP_4).blend(r7, UPPER_4);

      FloatVector q0 = p0.blend(p2.rearrange(SWAP_2), UPPER_2);
      FloatVector q1 = p1.blend(p3.rearrange(SWAP_2), UPPER_2);
      FloatVector q2 = p0.rearrange(SWAP_2).blend(p2, UPPER_2);
      FloatVector q3 = p1.rearrange(SWAP_2).blend(p3, UPPER_2);
      FloatVector q4 = p4.blend(p6.rearrange(SWAP_2), UPPER_2);
      FloatVector q5 = p5.blend(p7.rearrange(SWAP_2), UPPER_2);
      FloatVector q6 = p4.rearrange(SWAP_2).blend(p6, UPPER_2);
      FloatVector q7 = p5.rearrange(SWAP_2).blend(p7, UPPER_2);

      q0.blend(q1.rearrange(SWAP_1), UPPER_1).intoArray(to, at);
      q0.rearrange(SWAP_1).blend(q1, UPPER_1).intoArray(to, at + N);
      q2.blend(q3.rearrange(SWAP_1), UPPER_1).intoArray(to, at + 2 * N);
      q2.rearrange(SWAP_1).blend(q3, UPPER_1).intoArray(to, at + 3 * N);
      q4.blend(q5.rearrange(SWAP_1), UPPER_1).intoArray(to, at + 4 * N);
      q4.rearrange(SWAP_1).blend(q5, UPPER_1).intoArray(to, at + 5 * N);
      q6.blend(q7.rearrange(SWAP_1), UPPER_1).intoArray(to, at + 6 * N);
      q6.rearrange(SWAP_1).blend(q7, UPPER_1).intoArray(to, at + 7 * N);
      at += 8 * N;
    }
  }

  /// For vectors of 8: what is turned goes to the panel.
  private static void place(float[] turned, int depth, long to) {
    MemorySegment target = Native.floats(to, (depth - 1L) * COLUMNS + N);
    int at = 0;
    for (int first = 0; first < depth; first += N) {
      long o = (long) Math.min(first, depth - N) * COLUMNS;
      for (int x = 0; x < 8; x++) {
        FloatVector.fromArray(F, turned, at)
            .intoMemorySegment(target, 4 * (o + (long) x * COLUMNS), ORDER);
        at += N;
      }
    }
  }

  /// For vectors of 16: the lower halves of both groups of eight rows are one row of the panel, the upper halves the
  /// row eight below.
  private static void join(float[] turned, int second, int depth, long to) {
    MemorySegment target = Native.floats(to, (depth - 1L) * COLUMNS + N);
    int at = 0;
    for (int first = 0; first < depth; first += N) {
      long o = (long) Math.min(first, depth - N) * COLUMNS;
      for (int x = 0; x < 8; x++) {
        FloatVector a = FloatVector.fromArray(F, turned, at);
        FloatVector b = FloatVector.fromArray(F, turned, second + at);
        long i = 4 * (o + (long) x * COLUMNS);
        a.blend(b.rearrange(SWAP_8), UPPER_8).intoMemorySegment(target, i, ORDER);
        a.rearrange(SWAP_8).blend(b, UPPER_8).intoMemorySegment(target, i + 32L * COLUMNS, ORDER);
        at += N;
      }
    }
  }
}
