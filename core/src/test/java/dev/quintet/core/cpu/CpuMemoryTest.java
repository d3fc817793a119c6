package dev.quintet.core.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.core.backend.OutOfDeviceMemoryException;
import dev.quintet.core.cpu.work.Native;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class CpuMemoryTest {
  private static final long[] SIZES = {0, 1, 64, 65, 4_000, 300_000, 3L << 20, 40_000_001};

  @Test
  void blocksAreAlignedWritableAndApart() {
    var memory = new CpuMemory(0);
    List<Long> addresses = new ArrayList<>();
    for (int i = 0; i < SIZES.length; i++) {
      long address = memory.allocate(SIZES[i]);
      assertEquals(0, address % 64);
      Native.bytes(address, SIZES[i]).fill((byte) i);
      addresses.add(address);
    }
    for (int i = 1; i < SIZES.length; i++) {
      var block = Native.bytes(addresses.get(i), SIZES[i]);
      assertEquals(i, block.get(ValueLayout.JAVA_BYTE, 0));
      assertEquals(i, block.get(ValueLayout.JAVA_BYTE, SIZES[i] - 1));
    }
  }

  @Test
  void aRepeatedSequenceGetsTheSameAddresses() {
    var memory = new CpuMemory(0);
    List<Long> first = round(memory);
    long held = memory.bytesHeld();
    assertEquals(first, round(memory));
    assertEquals(held, memory.bytesHeld());
    assertEquals(0, memory.bytesInUse());
    assertTrue(memory.peakBytes() >= 40_000_001);
    memory.trim();
    assertTrue(memory.bytesHeld() < held);
    round(memory);
  }

  private static List<Long> round(CpuMemory memory) {
    List<Long> addresses = new ArrayList<>();
    for (long size : SIZES) {
      addresses.add(memory.allocate(size));
    }
    for (int i = SIZES.length - 1; i >= 0; i--) {
      memory.release(addresses.get(i), SIZES[i]);
    }
    return addresses;
  }

  @Test
  void saysWhatIsMissingWhenTheLimitIsReached() {
    var memory = new CpuMemory(16 << 20);
    long address = memory.allocate(8 << 20);
    var e = assertThrows(OutOfDeviceMemoryException.class, () -> memory.allocate(12 << 20));
    assertTrue(e.getMessage().contains(Integer.toString(12 << 20)), e.getMessage());
    memory.release(address, 8 << 20);
    memory.allocate(12 << 20);
  }

  @Test
  void refusesABlockThatIsFreeAlready() {
    var memory = new CpuMemory(0);
    long address = memory.allocate(100);
    memory.release(address, 100);
    assertThrows(IllegalArgumentException.class, () -> memory.release(address, 100));
    assertThrows(IllegalArgumentException.class, () -> memory.release(12345, 100));
  }
}
