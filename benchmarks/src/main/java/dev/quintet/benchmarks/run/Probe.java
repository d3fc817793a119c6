package dev.quintet.benchmarks.run;

import dev.quintet.core.backend.Backends;
import dev.quintet.core.cpu.CpuBackend;
import dev.quintet.core.shape.Device;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import java.util.function.LongSupplier;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/// Measures what the processor and its memory can do, in a process of its own that has the Vector API, and prints it as lines
/// `name=value`. Best of some rounds each, since a disturbance only ever takes away.
public final class Probe {
  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
  private static final int LANES = SPECIES.length();
  private static final int ACCUMULATORS = 12;
  private static final int FMA_LOOPS = 1_000_000;
  private static final int ROUNDS = 24;

  /// More than the last-level caches that there are; all threads share it.
  private static final long BYTES = 512L << 20;

  private Probe() {}

  /// Prints the figures.
  ///
  /// @param arguments none
  public static void main(String... arguments) {
    int threads = CpuBackend.threads();
    System.out.println("computes=" + Backends.of(Device.cpu()).description());
    System.out.println("vector_bits=" + SPECIES.vectorBitSize());
    System.out.println("threads=" + threads);
    double one = flops(1, FMA_LOOPS, ROUNDS);
    System.out.println("flops_of_one=" + one);
    System.out.println("flops=" + (threads == 1 ? one : flops(threads, FMA_LOOPS, ROUNDS)));
    try (Arena arena = Arena.ofShared()) {
      MemorySegment memory = arena.allocate(BYTES, 64);
      double bytes = bytes(memory, 1, ROUNDS / 2);
      System.out.println("bytes_of_one=" + bytes);
      System.out.println("bytes=" + (threads == 1 ? bytes : bytes(memory, threads, ROUNDS / 2)));
    }
  }

  /// Operations a second of this many threads.
  static double flops(int threads, int loops, int rounds) {
    List<LongSupplier> parts = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      parts.add(() -> multiply(loops));
    }
    return 2.0 * ACCUMULATORS * LANES * loops * threads / seconds(parts, rounds);
  }

  /// Bytes a second that this many threads read.
  static double bytes(MemorySegment memory, int threads, int rounds) {
    long part = memory.byteSize() / threads / 4096 * 4096;
    List<LongSupplier> parts = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      long address = memory.address() + i * part;
      parts.add(() -> read(address, part));
    }
    return (double) part * threads / seconds(parts, rounds);
  }

  /// The best time from the first start to the last end.
  private static double seconds(List<LongSupplier> parts, int rounds) {
    var barrier = new CyclicBarrier(parts.size());
    long[] starts = new long[parts.size()];
    long[] ends = new long[parts.size()];
    double[] best = {Double.MAX_VALUE};
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < parts.size(); i++) {
      int at = i;
      threads.add(
          Thread.ofPlatform()
              .start(() -> {
                for (int round = 0; round < rounds; round++) {
                  await(barrier);
                  starts[at] = System.nanoTime();
                  sink = parts.get(at).getAsLong();
                  ends[at] = System.nanoTime();
                  await(barrier);
                  if (at == 0) {
                    long first = java.util.Arrays.stream(starts).min().getAsLong();
                    long last = java.util.Arrays.stream(ends).max().getAsLong();
                    best[0] = Math.min(best[0], 1e-9 * (last - first));
                  }
                }
              }));
    }
    for (Thread thread : threads) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        throw new IllegalStateException("interrupted while measuring the machine", e);
      }
    }
    return best[0];
  }

  private static void await(CyclicBarrier barrier) {
    try {
      barrier.await();
    } catch (InterruptedException | BrokenBarrierException e) {
      throw new IllegalStateException("interrupted while measuring the machine", e);
    }
  }

  /// Twelve sums, so that no instruction waits for the one before; written out, since arrays of vectors are not kept in registers.
  private static long multiply(int loops) {
    FloatVector x = FloatVector.broadcast(SPECIES, 0.999f);
    FloatVector y = FloatVector.broadcast(SPECIES, 0.001f);
    FloatVector a0 = x;
    FloatVector a1 = x;
    FloatVector a2 = x;
    FloatVector a3 = x;
    FloatVector a4 = x;
    FloatVector a5 = x;
    FloatVector a6 = x;
    FloatVector a7 = x;
    FloatVector a8 = x;
    FloatVector a9 = x;
    FloatVector a10 = x;
    FloatVector a11 = x;
    for (int i = 0; i < loops; i++) {
      a0 = a0.fma(x, y);
      a1 = a1.fma(x, y);
      a2 = a2.fma(x, y);
      a3 = a3.fma(x, y);
      a4 = a4.fma(x, y);
      a5 = a5.fma(x, y);
      a6 = a6.fma(x, y);
      a7 = a7.fma(x, y);
      a8 = a8.fma(x, y);
      a9 = a9.fma(x, y);
      a10 = a10.fma(x, y);
      a11 = a11.fma(x, y);
    }
    FloatVector sum = a0.add(a1).add(a2.add(a3)).add(a4.add(a5)).add(a6.add(a7));
    return (long) sum.add(a8.add(a9)).add(a10.add(a11)).lane(0);
  }

  private static long read(long address, long bytes) {
    MemorySegment memory = MemorySegment.ofAddress(address).reinterpret(bytes);
    ByteOrder order = ByteOrder.nativeOrder();
    FloatVector a = FloatVector.zero(SPECIES);
    FloatVector b = a;
    FloatVector c = a;
    FloatVector d = a;
    int step = 4 * LANES;
    int count = (int) (bytes / Float.BYTES / step * step);
    for (int i = 0; i < count; i += step) {
      long at = (long) Float.BYTES * i;
      a = a.add(FloatVector.fromMemorySegment(SPECIES, memory, at, order));
      b = b.add(FloatVector.fromMemorySegment(SPECIES, memory, at + 4L * LANES, order));
      c = c.add(FloatVector.fromMemorySegment(SPECIES, memory, at + 8L * LANES, order));
      d = d.add(FloatVector.fromMemorySegment(SPECIES, memory, at + 12L * LANES, order));
    }
    return (long) a.add(b).add(c.add(d)).lane(0);
  }

  /// Keeps the compiler from leaving the work out.
  private static volatile long sink;
}
