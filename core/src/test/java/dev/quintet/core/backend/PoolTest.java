package dev.quintet.core.backend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class PoolTest {

  @Test
  void classesHoldWhatTheyPromiseAndWasteAnEighth() {
    int last = 1;
    for (long bytes = 1; bytes < 1L << 40; bytes += 1 + bytes / 7) {
      int c = Pool.sizeClass(bytes);
      long got = Pool.classBytes(c);
      String where = bytes + " bytes in " + got;
      assertTrue(c >= last && got >= bytes && got % 64 == 0, where);
      assertTrue(got <= Math.max(bytes + 63, bytes + bytes / 8 + 64), where);
      assertEquals(c, Pool.sizeClass(got));
      last = c;
    }
  }

  @Test
  void blocksNeverOverlapAndAllComeTogetherAgain() {
    Values.trials(
        20,
        random -> {
          var slabs = new MadeUp();
          var pool = new Paper(slabs, 0);
          var blocks = new TreeMap<Long, Long>();
          for (int i = 0; i < 2000; i++) {
            if (random.nextInt(9) < 4 && !blocks.isEmpty()) {
              Long key = blocks.ceilingKey((long) (random.nextDouble() * blocks.lastKey()));
              pool.release(key, blocks.remove(key));
            } else {
              long bytes = (long) Math.exp(random.nextDouble() * 18);
              long address =
                  random.nextBoolean() ? pool.allocate(bytes) : pool.allocateLasting(bytes);
              Map.Entry<Long, Long> before = blocks.floorEntry(address);
              Map.Entry<Long, Long> behind = blocks.ceilingEntry(address);
              assertTrue(before == null || before.getKey() + before.getValue() <= address);
              assertTrue(behind == null || address + bytes <= behind.getKey());
              blocks.put(address, Math.max(1, bytes));
            }
          }
          blocks.forEach(pool::release);
          assertEquals(0, pool.bytesInUse());
          pool.trim();
          assertTrue(slabs.reserved.values().stream().allMatch(bytes -> bytes == 4L << 20));
        });
  }

  @Test
  void lengthsThatChangeTakeLittleMoreThanTheLongest() {
    var pool = new Paper(new MadeUp(), 0);
    var random = new Random(5);
    step(pool, 512);
    long longest = pool.peakBytes();
    for (int i = 0; i < 300; i++) {
      step(pool, 64 + random.nextInt(449));
    }
    assertEquals(longest, pool.peakBytes());
    assertTrue(pool.bytesHeld() < 1.3 * longest, pool.bytesHeld() + " of " + longest);
  }

  @Test
  void whatLastsMovesNoStep() {
    var pool = new Paper(new MadeUp(), 0);
    List<Long> first = step(pool, 128);
    var lasting = new ArrayList<Long>();
    for (int i = 1; i < 20; i++) {
      lasting.add(pool.allocateLasting(i * 50_000L));
      assertEquals(first, step(pool, 128));
    }
    for (int i = 1; i < 19; i += 2) {
      pool.release(lasting.get(i), (i + 1) * 50_000L);
      assertEquals(first, step(pool, 128));
    }
    assertNotEquals(first, step(pool, 512));
  }

  @Test
  void whatLastsNoMoreMakesRoomForSteps() {
    var pool = new Paper(new MadeUp(), 100 << 20);
    long model = pool.allocateLasting(90 << 20);
    assertThrows(OutOfDeviceMemoryException.class, () -> pool.allocate(50 << 20));
    pool.release(model, 90 << 20);
    pool.release(pool.allocate(90 << 20), 90 << 20);
    pool.allocateLasting(90 << 20);
    assertTrue(pool.bytesHeld() <= 100 << 20);
  }

  @Test
  void saysWhoHasMostWhereThereIsNoRoom() {
    var pool = new Paper(new MadeUp(), 100 << 20);
    pool.allocateLasting(30 << 20);
    pool.allocateLasting(1000);
    pool.allocate(20 << 20);
    for (int i = 0; i < 3; i++) {
      pool.allocate(5 << 20);
    }
    var e = assertThrows(OutOfDeviceMemoryException.class, () -> pool.allocate(60 << 20));
    assertTrue(
        e.getMessage()
            .matches(
                ".*bytes in blocks: parameters 31458304 in 2, \\w+\\.\\w+ 20971520 in 1,"
                    + " smaller tensors 15728640 in 3\\).*"),
        e.getMessage());
  }

  @Test
  void whatRepeatsKeepsItsPlaceFromAllOthers() {
    var pool = new Paper(new MadeUp(), 0);
    long first = pool.allocateRepeated(1 << 20);
    pool.release(first, 1 << 20);
    for (int i = 0; i < 20; i++) {
      long other = pool.allocate((5 << 20) / (i + 1));
      assertTrue(other >= first + (1 << 20) || other + (5 << 20) / (i + 1) <= first);
    }
    pool.trim();
    assertEquals(first, pool.allocateRepeated(1 << 20));
  }

  /// What a layer's forward and backward take: as many bytes as there are tokens.
  private static List<Long> step(Pool pool, long tokens) {
    var addresses = new ArrayList<Long>();
    var held = new ArrayList<long[]>();
    for (int layer = 0; layer < 12; layer++) {
      for (long width : new long[] {4, 3072, 3072, 3072, 768, 8192, 8192, 3072}) {
        held.add(new long[] {pool.allocate(48 * tokens * width), 48 * tokens * width});
        addresses.add(held.getLast()[0]);
      }
      long inner = pool.allocate(tokens * 9001);
      addresses.add(inner);
      pool.release(inner, tokens * 9001);
    }
    while (!held.isEmpty()) {
      long gradient = pool.allocate(48 * tokens * 3072);
      addresses.add(gradient);
      long[] last = held.removeLast();
      pool.release(last[0], last[1]);
      pool.release(gradient, 48 * tokens * 3072);
    }
    return addresses;
  }

  /// A pool that nobody writes to.
  private static final class Paper extends Pool {
    Paper(Slabs slabs, long limit) {
      super(slabs, "paper", limit);
    }

    @Override
    public void write(MemorySegment source, long address, long bytes) {}

    @Override
    public void read(long address, MemorySegment target, long bytes) {}

    @Override
    public void copy(long source, long target, long bytes) {}

    @Override
    public void zero(long address, long bytes) {}
  }

  private static final class MadeUp implements Slabs {
    final TreeMap<Long, Long> reserved = new TreeMap<>();
    private long next = 1 << 20;

    @Override
    public long reserve(long bytes) {
      long address = next;
      next += bytes + 4096;
      reserved.put(address, bytes);
      return address;
    }

    @Override
    public void free(long address, long bytes) {
      assertEquals(bytes, reserved.remove(address));
    }
  }
}
