package dev.quintet.kernels.cuda;

import static dev.quintet.core.shape.DType.BF16;
import static dev.quintet.core.shape.DType.F32;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.quintet.core.backend.Backend;
import dev.quintet.core.backend.Gradient;
import dev.quintet.core.backend.LossCall;
import dev.quintet.core.backend.LossContract;
import dev.quintet.core.backend.LossKernels;
import dev.quintet.core.backend.Memory;
import dev.quintet.core.backend.RunState;
import dev.quintet.core.backend.Types;
import dev.quintet.core.shape.DType;
import dev.quintet.kernels.testing.StandIn;
import java.lang.foreign.MemorySegment;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Losses of the CUDA backend, on the stand-in.
@Tag("emulator")
class CudaLossTest {
  @Test
  void movesTheBytesThatItSays() {
    var backend = (CudaBackend) StandIn.backend();
    var launched = new TreeSet<String>();
    for (boolean plain : new boolean[] {false, true}) {
      var loss = new CudaLoss(backend.cuda(), backend, plain);
      for (DType type : new DType[] {F32, BF16}) {
        for (int width : new int[] {101, 1000, 24_000}) {
          launched.addAll(Traffic.check(backend, () -> run(backend, loss, type, width)));
        }
      }
    }
    assertEquals(14, launched.size(), () -> "kernels: " + launched);
  }

  private static void run(CudaBackend backend, CudaLoss loss, DType type, int width) {
    int rows = 3;
    long count = (long) rows * width;
    Memory memory = backend.memory();
    long bytes = 8 * count + 16L * rows + RunState.BYTES;
    long base = memory.allocate(bytes);
    memory.zero(base, bytes);
    long state = base + 8 * count + 16L * rows;
    long logits = base;
    long gradient = base + 4 * count;
    long labels = base + 8 * count;
    long losses = labels + 4 * rows;
    long logSumExp = losses + 4 * rows;
    for (long scale : new long[] {0, state}) {
      var call = new LossCall(rows, width, -100, 0.1f, 0.01f, 1, scale, Types.of(type));
      loss.crossEntropy(call, logits, labels, losses, logSumExp);
      loss.crossEntropyBackward(
          call, logits, labels, logSumExp, scale, new Gradient(gradient, scale != 0));
      loss.crossEntropyInPlace(call, logits, labels, losses, logSumExp);
      loss.total(call, losses, logSumExp);
      loss.scaled(call, logSumExp);
    }
    loss.scale(state, type, gradient, count);
    memory.release(base, bytes);
  }

  @Test
  void givesTheSameBitsWhateverTheOrderOfThreads() {
    var backend = (CudaBackend) StandIn.backend();
    for (boolean plain : new boolean[] {false, true}) {
      var loss = new CudaLoss(backend.cuda(), backend, plain);
      for (DType type : new DType[] {F32, BF16}) {
        for (int width : new int[] {1001, 2000}) {
          String what = type + ", " + width + " logits" + (plain ? ", plain" : "");
          Schedules.same(what, () -> results(backend, loss, type, width));
        }
      }
    }
  }

  /// What losses, their sum and their gradients leave in memory.
  private static byte[] results(CudaBackend backend, CudaLoss loss, DType type, int width) {
    int rows = 3;
    Memory memory = backend.memory();
    long operand = type.bytes((long) rows * width) + 63 & -64;
    long bytes = 2 * operand + 64;
    long base = memory.allocate(bytes);
    memory.zero(base, bytes);
    long labels = base + 2 * operand;
    memory.write(MemorySegment.ofArray(new int[] {5, -100, width - 1}), labels, 12);
    memory.write(values(type, rows * width), base, type.bytes((long) rows * width));
    memory.write(values(type, rows * width), base + operand, type.bytes((long) rows * width));
    var call = new LossCall(rows, width, -100, 0.1f, 0.01f, 0.3f, 0, Types.of(type));
    loss.crossEntropy(call, base, labels, labels + 12, labels + 24);
    loss.total(call, labels + 12, labels + 36);
    loss.crossEntropyBackward(
        call, base, labels, labels + 24, 0, new Gradient(base + operand, true));
    loss.crossEntropyInPlace(call, base, labels, labels + 12, labels + 24);
    byte[] all = read(memory, base, bytes);
    memory.release(base, bytes);
    return all;
  }

  /// Rows that shared memory holds, rows that it does not, and rows at odd addresses.
  @Test
  void makesTheSameLossesAndGradientsInPlaceAsOneAfterTheOther() {
    var backend = (CudaBackend) StandIn.backend();
    LossKernels loss = backend.loss();
    Memory memory = backend.memory();
    for (DType type : new DType[] {F32, BF16}) {
      for (int width : new int[] {7, 1000, 1001, 42_000}) {
        for (int shift : new int[] {0, type.bytes()}) {
          int rows = 3;
          var call = new LossCall(rows, width, -100, 0.1f, 0.01f, 0.3f, 0, Types.of(type));
          long bytes = type.bytes((long) rows * width);
          long room = bytes + shift + 24L * rows;
          long base = memory.allocate(room);
          long logits = base + 24 * rows + shift;
          memory.write(MemorySegment.ofArray(new int[] {width - 1, -100, width / 2}), base, 12);
          memory.write(values(type, rows * width), logits, bytes);
          loss.crossEntropy(call, logits, base, base + 12, base + 24);
          loss.crossEntropyBackward(call, logits, base, base + 24, 0, new Gradient(logits, false));
          byte[] apart = read(memory, logits, bytes);
          byte[] losses = read(memory, base, 36);
          memory.write(values(type, rows * width), logits, bytes);
          loss.crossEntropyInPlace(call, logits, base, base + 12, base + 24);
          String what = type + " of " + width + " logits, " + shift + " bytes off";
          assertArrayEquals(losses, read(memory, base, 36), what);
          assertArrayEquals(apart, read(memory, logits, bytes), what);
          memory.release(base, room);
        }
      }
    }
  }

  private static MemorySegment values(DType type, int count) {
    var random = new Random(count);
    var floats = new float[count];
    var halves = new short[count];
    for (int i = 0; i < count; i++) {
      floats[i] = (float) (3 * random.nextGaussian());
      halves[i] = (short) (Float.floatToRawIntBits(floats[i]) >>> 16);
    }
    return type == F32 ? MemorySegment.ofArray(floats) : MemorySegment.ofArray(halves);
  }

  private static byte[] read(Memory memory, long address, long bytes) {
    var copy = new byte[(int) bytes];
    memory.read(address, MemorySegment.ofArray(copy), bytes);
    return copy;
  }

  /// The head's loss is launches alone.
  @Test
  void waitsForNothing() {
    var backend = (CudaBackend) StandIn.backend();
    Memory memory = backend.memory();
    long base = memory.allocate(64 << 10);
    memory.zero(base, 64 << 10);
    backend.queue().synchronize();
    StandIn.reset();
    var call = new LossCall(30, 64, -100, 0, 0, 1, base, Types.F32);
    var head = new LossKernels.Head(16, 8, base + 1024, base + 4096);
    backend
        .loss()
        .linearCrossEntropy(
            call,
            head,
            base + 128,
            base + 512,
            new Gradient(base + (16 << 10), false),
            new Gradient(base + (32 << 10), false));
    backend.loss().total(call, base + 512, base + 64);
    backend.loss().scale(base + 64, F32, base + (32 << 10), 64 * 16);
    assertEquals(0, StandIn.waits());
    assertEquals(0, StandIn.uploads());
    assertEquals(4, StandIn.counts("loss_in_place_f32").launches());
    memory.release(base, 64 << 10);
  }

  @Nested
  class AtAnyAddress extends LossContract {
    @Override
    protected Backend backend() {
      return StandIn.backend();
    }
  }

  /// Widths and addresses that are read by 16 bytes.
  @Nested
  class ByWideAccess extends LossContract {
    @Override
    protected Backend backend() {
      return StandIn.backend();
    }

    @Override
    protected boolean aligned() {
      return true;
    }

    @Override
    protected int[] widths() {
      return new int[] {8, 16, 64, 248, 256, 1000, 1024, 1032, 4096};
    }
  }

  @Nested
  class Plain extends LossContract {
    @Override
    protected Backend backend() {
      return Rung.of(
          (CudaBackend) StandIn.backend(),
          "loss",
          (device, backend) -> new CudaLoss(device.cuda(), backend, true));
    }
  }
}
