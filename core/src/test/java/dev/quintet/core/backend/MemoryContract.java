package dev.quintet.core.backend;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.core.cpu.CpuProvider;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/// What every backend's memory must do.
public abstract class MemoryContract extends BackendContract {

  @Test
  void handsOutAlignedBlocksThatDoNotOverlap() {
    Values.trials(
        3,
        random -> {
          Memory memory = backend().memory();
          TreeMap<Long, Long> blocks = new TreeMap<>();
          for (int i = 0; i < 300; i++) {
            if (random.nextInt(3) == 0 && !blocks.isEmpty()) {
              var gone = blocks.pollFirstEntry();
              memory.release(gone.getKey(), gone.getValue());
            } else {
              long bytes = random.nextInt(10) == 0 ? random.nextInt(1 << 21) : random.nextInt(5000);
              long address = memory.allocate(bytes);
              assertEquals(0, address % 64, "alignment of " + bytes + " bytes");
              assertTrue(address != 0, "an address of 0 stands for no operand");
              assertApart(blocks, address, bytes);
              blocks.put(address, bytes);
            }
          }
          blocks.forEach(memory::release);
        });
  }

  @Test
  void copiesToAndFroAndWithin() {
    Values.trials(
        10,
        random -> {
          Memory memory = backend().memory();
          byte[] bytes = new byte[Values.oneOf(random, 0, 1, 3, 64, 1001, 70_001)];
          random.nextBytes(bytes);
          long a = memory.allocate(bytes.length);
          long b = memory.allocate(bytes.length);
          byte[] back = new byte[bytes.length];
          try (Arena arena = Arena.ofConfined()) {
            MemorySegment outside = arena.allocate(Math.max(1, bytes.length));
            outside.asSlice(0, bytes.length).copyFrom(MemorySegment.ofArray(bytes));
            memory.write(outside, a, bytes.length);
          }
          memory.copy(a, b, bytes.length);
          memory.read(b, MemorySegment.ofArray(back), bytes.length);
          assertArrayEquals(bytes, back);
          memory.zero(b, bytes.length);
          memory.read(b, MemorySegment.ofArray(back), bytes.length);
          assertArrayEquals(new byte[bytes.length], back);
          memory.read(a, MemorySegment.ofArray(back), bytes.length);
          assertArrayEquals(bytes, back);
          memory.release(b, bytes.length);
          memory.release(a, bytes.length);
        });
  }

  @Test
  void givesARepeatedSequenceTheSameAddresses() {
    List<Long> first = addresses(1);
    for (int i = 0; i < 5; i++) {
      assertEquals(first, addresses(1));
    }
  }

  @Test
  void givesAShapeItsAddressesAgainWhateverRanInBetween() {
    Memory memory = backend().memory();
    List<Long> small = addresses(1);
    List<Long> large = addresses(37);
    long outlives = memory.allocateLasting(300_000);
    for (int i = 2; i < 8; i++) {
      addresses(i);
      assertEquals(large, addresses(37));
      addresses(90 - i);
      assertEquals(small, addresses(1));
      memory.release(outlives, 300_000);
      outlives = memory.allocateLasting(300_000 + i);
    }
    memory.release(outlives, 300_000);
  }

  @Test
  void readsLaterWhatWasThereWhenItWasAsked() {
    Memory memory = backend().memory();
    long address = memory.allocate(12);
    memory.write(MemorySegment.ofArray(new int[] {1, 2, 3}), address, 12);
    Memory.Later later = memory.readLater(address, 12);
    memory.zero(address, 12);
    memory.release(address, 12);
    assertArrayEquals(new int[] {1, 2, 3}, later.get().toArray(ValueLayout.JAVA_INT));
    assertTrue(later.done());
  }

  @Test
  void copiesToAnotherMemoryAndToItself() {
    Memory memory = backend().memory();
    Memory other = new CpuProvider().open(0).memory();
    byte[] bytes = new byte[1001];
    new Random(3).nextBytes(bytes);
    long a = memory.allocate(1001);
    long b = other.allocate(1001);
    long c = memory.allocate(1001);
    memory.write(MemorySegment.ofArray(bytes), a, 1001);
    memory.copyTo(a, other, b, 1001);
    other.copyTo(b, memory, c, 1001);
    memory.copyTo(c, memory, a, 1001);
    byte[] back = new byte[1001];
    memory.read(a, MemorySegment.ofArray(back), 1001);
    assertArrayEquals(bytes, back);
    memory.release(c, 1001);
    memory.release(a, 1001);
    other.release(b, 1001);
  }

  @Test
  void countsBytesInUseAndTheirPeak() {
    Memory memory = backend().memory();
    long before = memory.bytesInUse();
    memory.resetPeak();
    long a = memory.allocate(1000);
    long b = memory.allocate(100_000);
    assertTrue(memory.bytesInUse() >= before + 101_000);
    memory.release(b, 100_000);
    memory.release(a, 1000);
    assertEquals(before, memory.bytesInUse());
    assertTrue(memory.peakBytes() >= before + 101_000);
    assertTrue(memory.peakBytes() < before + 300_000);
    memory.resetPeak();
    assertEquals(before, memory.peakBytes());
  }

  @Test
  void trimsWhatIsFreeAndKeepsWhatIsInUse() {
    Memory memory = backend().memory();
    float[] values = Values.normal(new Random(1), 1 << 18);
    long kept = memory.allocate(4L * values.length);
    memory.write(MemorySegment.ofArray(values), kept, 4L * values.length);
    long freed = memory.allocate(1 << 24);
    memory.release(freed, 1 << 24);
    memory.trim();
    memory.trim();
    float[] back = new float[values.length];
    memory.read(kept, MemorySegment.ofArray(back), 4L * values.length);
    assertArrayEquals(values, back);
    memory.release(kept, 4L * values.length);
  }

  @Test
  void saysWhatItLacks() {
    Memory memory = backend().memory();
    long before = memory.bytesInUse();
    assertThrows(OutOfDeviceMemoryException.class, () -> memory.allocate(1L << 60));
    assertEquals(before, memory.bytesInUse());
  }

  @Test
  void servesThreadsAtOnce() throws InterruptedException {
    Memory memory = backend().memory();
    long before = memory.bytesInUse();
    AtomicReference<Throwable> failure = new AtomicReference<>();
    List<Thread> threads = new ArrayList<>();
    for (int t = 0; t < 3; t++) {
      int mark = t + 1;
      threads.add(Thread.ofPlatform().start(() -> work(memory, mark, failure)));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    if (failure.get() != null) {
      throw new AssertionError(failure.get());
    }
    assertEquals(before, memory.bytesInUse());
  }

  private static void work(Memory memory, int mark, AtomicReference<Throwable> failure) {
    try {
      Random random = new Random(mark);
      for (int i = 0; i < 500; i++) {
        int count = 1 + random.nextInt(300);
        int[] marks = new int[count];
        java.util.Arrays.fill(marks, mark);
        long address = memory.allocate(4L * count);
        memory.write(MemorySegment.ofArray(marks), address, 4L * count);
        int[] back = new int[count];
        memory.read(address, MemorySegment.ofArray(back), 4L * count);
        assertArrayEquals(marks, back);
        memory.release(address, 4L * count);
      }
    } catch (Throwable e) {
      failure.set(e);
    }
  }

  /// The addresses that one and the same sequence of calls gets, of sizes that grow with a scale.
  private List<Long> addresses(int scale) {
    Memory memory = backend().memory();
    Random random = new Random(7);
    List<Long> addresses = new ArrayList<>();
    List<long[]> held = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      if (!held.isEmpty() && random.nextInt(5) < 2) {
        long[] gone = held.remove(random.nextInt(held.size()));
        memory.release(gone[0], gone[1]);
      } else {
        long bytes = (long) scale * random.nextInt(20_000);
        long address = memory.allocate(bytes);
        addresses.add(address);
        held.add(new long[] {address, bytes});
      }
    }
    held.forEach(block -> memory.release(block[0], block[1]));
    return addresses;
  }

  private static void assertApart(TreeMap<Long, Long> blocks, long address, long bytes) {
    var before = blocks.floorEntry(address);
    var behind = blocks.higherEntry(address);
    assertTrue(before == null || before.getKey() + before.getValue() <= address);
    assertTrue(behind == null || address + bytes <= behind.getKey());
    assertTrue(before == null || before.getKey() != address, "two blocks at one address");
  }
}
