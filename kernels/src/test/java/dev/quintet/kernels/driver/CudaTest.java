package dev.quintet.kernels.driver;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.core.backend.Memory;
import dev.quintet.core.backend.OutOfDeviceMemoryException;
import dev.quintet.core.backend.Queue;
import dev.quintet.kernels.testing.StandIn;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class CudaTest {
  private static final int BEYOND = 1 << 28;

  @AfterEach
  void nothingIsLeftToFail() {
    System.clearProperty("quintet.cuda.wait");
    StandIn.late(false);
    StandIn.reset();
    StandIn.errors();
  }

  @Test
  void handsOverEveryKindOfArgument() {
    Cuda cuda = StandIn.open();
    Memory memory = cuda.memory();
    long y = memory.allocate(48);
    ByteBuffer three = ByteBuffer.allocate(24).order(ByteOrder.LITTLE_ENDIAN);
    three.putDouble(4.5).putInt(-5).putInt(0).putLong(y).flip();
    cuda.kernel("runtime", "runtime_arguments")
        .launch()
        .threads(32)
        .address(y)
        .i32(-1)
        .i64(1L << 40)
        .f32(2.5f)
        .struct(three, 8)
        .f64(-6.25)
        .run();
    assertArrayEquals(
        new double[] {-1, 1L << 40, 2.5, 4.5, -5, -6.25}, read(memory, y, 48).toArray(DOUBLE));
  }

  private static final ValueLayout.OfDouble DOUBLE = ValueLayout.JAVA_DOUBLE;

  @Test
  void namesKernelGridAndArgumentsOfALaunchThatIsRefused() {
    Cuda cuda = StandIn.open();
    long y = cuda.memory().allocate(4);
    var e =
        assertThrows(
            CudaException.class,
            () ->
                cuda.kernel("runtime", "runtime_count")
                    .launch()
                    .grid(3)
                    .threads(32)
                    .shared(64)
                    .address(y)
                    .i32(7)
                    .run());
    assertEquals(
        "cuda:0: cuLaunchKernel of runtime_count (grid 3 x 1 x 1, 32 threads, 64 bytes of shared memory,"
            + " arguments 0x%x, 7): CUDA_ERROR_INVALID_VALUE (stand-in: kernel runtime_count takes 3"
                .formatted(y)
            + " arguments, and not 2)",
        e.getMessage());
    assertThrows(
        CudaException.class, () -> cuda.kernel("runtime", "no_such_kernel").launch().run());
    assertThrows(
        IllegalArgumentException.class,
        () -> cuda.kernel("runtime", "runtime_count").launch().grid(1L << 31));
    count(cuda, zeros(cuda, 1), 0); // nothing of that was for good
    cuda.queue().synchronize();
  }

  @Test
  void findsAKernelThatFailedAtTheNextWaitAndTakesNoMoreWork() {
    Cuda cuda = StandIn.open();
    StandIn.late(true);
    long y = zeros(cuda, 8);
    for (int i = 0; i < 5; i++) {
      count(cuda, y, 0);
    }
    count(cuda, y, BEYOND);
    count(cuda, y, 0);
    var e = assertThrows(CudaException.class, () -> read(cuda.memory(), y, 32));
    assertTrue(
        e.getMessage()
            .contains(
                ", in one of 7 launches since the last wait, at the end runtime_count, runtime_count,"
                    + " runtime_count, runtime_count; -Dquintet.cuda.wait=true finds out which"),
        e.getMessage());
    assertEquals(1, e.getMessage().lines().count());
    assertFalse(cuda.queue().alive());
    List<Runnable> later =
        List.of(
            () -> count(cuda, y, 0),
            () -> read(cuda.memory(), y, 32),
            () -> cuda.memory().readLater(y, 4),
            () -> cuda.memory().zero(y, 4),
            () -> cuda.memory().copy(y, y + 16, 4),
            () -> cuda.memory().write(MemorySegment.ofArray(new int[1]), y, 4),
            () -> cuda.memory().allocate(64 << 20),
            cuda.queue()::synchronize,
            cuda.queue()::record,
            () -> cuda.queue().capture(() -> {}));
    for (Runnable call : later) {
      var again = assertThrows(CudaException.class, call::run);
      assertTrue(
          again
              .getMessage()
              .startsWith(
                  "cuda:0 failed before and takes no more work from this process: cuEventSynchronize"),
          again.getMessage());
    }
    cuda.memory().release(y, 32); // scopes close without another error
  }

  @Test
  void namesTheKernelThatFailedWhereEachIsWaitedFor() {
    System.setProperty("quintet.cuda.wait", "true");
    Cuda cuda = StandIn.open();
    StandIn.late(true);
    long y = zeros(cuda, 8);
    count(cuda, y, 0);
    var e = assertThrows(CudaException.class, () -> count(cuda, y, BEYOND));
    assertTrue(
        e.getMessage()
            .startsWith(
                "cuda:0: cuStreamSynchronize: CUDA_ERROR_LAUNCH_FAILED, in runtime_count ("),
        e.getMessage());
  }

  @Test
  void saysAtTheNextWaitWhichIndexIsOutOfBoundsAndForgetsIt() {
    Cuda cuda = StandIn.open();
    StandIn.late(true);
    Memory memory = cuda.memory();
    long y = zeros(cuda, 8);
    for (Fault fault : Fault.values()) {
      report(cuda, fault.code());
      var e = assertThrows(IndexOutOfBoundsException.class, cuda.queue()::synchronize);
      assertTrue(e.getMessage().contains("70") && e.getMessage().contains("12"), e.getMessage());
      cuda.queue().synchronize();
    }
    report(cuda, Fault.LABEL.code());
    assertThrows(IndexOutOfBoundsException.class, () -> read(memory, y, 32));
    read(memory, y, 32);
    report(cuda, Fault.GATHER.code());
    Memory.Later later = memory.readLater(y, 32);
    assertThrows(IndexOutOfBoundsException.class, later::get);
    assertEquals(0, later.get().get(ValueLayout.JAVA_INT, 0));
    report(cuda, 99);
    var e = assertThrows(IndexOutOfBoundsException.class, cuda.queue()::synchronize);
    assertEquals("a kernel reports fault 99: index 70, limit 12", e.getMessage());
  }

  @Test
  void takesWorkDownAndReplaysItWithoutWaits() {
    Cuda cuda = StandIn.open();
    Memory memory = cuda.memory();
    long y = zeros(cuda, 1);
    Kernel kernel = cuda.kernel("runtime", "runtime_count");
    count(cuda, y, 0);
    long moved = kernel.moved();
    Queue.Replay replay =
        cuda.queue()
            .capture(() -> {
              long room = memory.allocate(4);
              memory.copy(y, room, 4);
              count(cuda, room, 0);
              memory.copy(room, y, 4);
              memory.release(room, 4);
            });
    assertEquals(1, read(memory, y, 4).get(ValueLayout.JAVA_INT, 0));
    assertEquals(moved, kernel.moved());
    long[] others = new long[3];
    for (int i = 0; i < 3; i++) {
      others[i] = memory.allocate(4);
      memory.write(MemorySegment.ofArray(new int[] {100 + i}), others[i], 4);
    }
    StandIn.reset();
    for (int i = 0; i < 3; i++) {
      memory.trim(); // leaves a replay its memory
      replay.run();
    }
    assertEquals(0, StandIn.waits());
    assertEquals(3, StandIn.graphLaunches());
    assertEquals(4, read(memory, y, 4).get(ValueLayout.JAVA_INT, 0));
    for (int i = 0; i < 3; i++) {
      assertEquals(100 + i, read(memory, others[i], 4).get(ValueLayout.JAVA_INT, 0));
    }
    assertEquals(moved + 3 * 8, kernel.moved());
    replay.close();
    replay.close();
    assertThrows(IllegalStateException.class, replay::run);
    memory.trim();
  }

  @Test
  void tellsTheTimeBetweenTwoMomentsByTheDevicesClock() {
    Cuda cuda = StandIn.open();
    CudaQueue queue = cuda.queue();
    long y = zeros(cuda, 1);
    StandIn.late(true); // so that what is timed runs when somebody waits, long after it was called
    try (Queue.Moment first = queue.moment()) {
      count(cuda, y, 0);
      try (Queue.Moment last = queue.moment()) {
        long called = System.nanoTime();
        long time = last.since(first);
        long waited = System.nanoTime() - called;
        assertTrue(time > 0 && time <= waited + 1000, time + " ns of " + waited);
        assertEquals(0, first.since(first));
        assertThrows(
            IllegalArgumentException.class, () -> last.since(new Queue.HostMoment(called)));
      }
    } finally {
      StandIn.late(false);
    }
  }

  @Test
  void saysWhatKindOfDeviceItIs() {
    Map<String, Object> details = StandIn.open().details();
    assertEquals("stand-in", details.get("chip"));
    assertEquals(true, details.get("stand_in"));
    assertEquals(1980.0, details.get("clock_mhz"));
    assertEquals("none: the stand-in has all kernels in it", details.get("machine_code"));
    var h200 = new Chip("NVIDIA H200", 9, 0, 132, 232448, 141L << 30);
    var machine = DeviceDetails.machine(MachineCode.carried(), h200, new CudaDriver(13_000));
    assertEquals(1, machine.size(), machine::toString);
    assertTrue(
        machine.keySet().iterator().next().startsWith("sm_90a of CUDA 1"), machine::toString);
  }

  @Test
  void refusesToTakeDownWhatTheHostDoes() {
    Cuda cuda = StandIn.open();
    Memory memory = cuda.memory();
    CudaQueue queue = cuda.queue();
    long y = zeros(cuda, 1);
    Memory.Later later = memory.readLater(y, 4);
    Queue.Event event = queue.record();
    Queue.Replay replay = queue.capture(() -> {});
    List<Runnable> refused =
        List.of(
            () -> read(memory, y, 4),
            () -> memory.write(MemorySegment.ofArray(new int[1]), y, 4),
            () -> memory.readLater(y, 4),
            later::get,
            later::done,
            event::done,
            () -> queue.await(event),
            queue::record,
            queue::moment,
            queue::synchronize,
            replay::run,
            () -> queue.capture(() -> {}));
    for (Runnable body : refused) {
      var e = assertThrows(IllegalStateException.class, () -> queue.capture(body));
      assertTrue(e.getMessage().contains("taken down"), e.getMessage());
      count(cuda, y, 0);
    }
    assertEquals(refused.size(), read(memory, y, 4).get(ValueLayout.JAVA_INT, 0));
    assertTrue(event.done());
    event.close();
  }

  @Test
  void keepsOtherThreadsOutOfWhatIsTakenDown() throws InterruptedException {
    Cuda cuda = StandIn.open();
    long mine = zeros(cuda, 1);
    long theirs = zeros(cuda, 1);
    var other = new Thread(() -> count(cuda, theirs, 0));
    Queue.Replay replay =
        cuda.queue()
            .capture(() -> {
              other.start();
              while (other.getState() == Thread.State.NEW
                  || other.getState() == Thread.State.RUNNABLE) {
                Thread.onSpinWait();
              }
              count(cuda, mine, 0);
            });
    other.join();
    replay.run();
    replay.run();
    assertEquals(2, read(cuda.memory(), mine, 4).get(ValueLayout.JAVA_INT, 0));
    assertEquals(1, read(cuda.memory(), theirs, 4).get(ValueLayout.JAVA_INT, 0));
  }

  @Test
  void copiesMoreThanItsRingHoldsWhileTheDeviceIsBehind() {
    Cuda cuda = StandIn.open();
    Memory memory = cuda.memory();
    StandIn.late(true);
    var random = new Random(5);
    var targets = new ArrayList<long[]>();
    var expected = new ArrayList<byte[]>();
    byte[] source = new byte[5 << 20];
    for (int i = 0; i < 40; i++) {
      int size = i % 8 == 7 ? (3 << 20) + random.nextInt(1 << 20) : random.nextInt(300_000);
      long address = memory.allocate(size);
      random.nextBytes(source);
      expected.add(java.util.Arrays.copyOf(source, size));
      memory.write(MemorySegment.ofArray(source), address, size);
      targets.add(new long[] {address, size});
    }
    var laters = new ArrayList<Memory.Later>();
    for (long[] target : targets) {
      laters.add(memory.readLater(target[0], target[1]));
      memory.zero(target[0], target[1]);
    }
    assertFalse(laters.getLast().done());
    for (int i = laters.size() - 1; i >= 0; i--) {
      assertArrayEquals(expected.get(i), laters.get(i).get().toArray(ValueLayout.JAVA_BYTE));
      assertTrue(laters.get(i).done());
    }
    targets.forEach(target -> memory.release(target[0], target[1]));
  }

  @Test
  void saysWhoHasMostWhereTheDeviceHasNoMore() {
    Cuda cuda = StandIn.open();
    Memory memory = cuda.memory();
    long kept = memory.allocateLasting(20 << 20);
    long total = cuda.chip().memory();
    var e = assertThrows(OutOfDeviceMemoryException.class, () -> memory.allocate(total));
    assertTrue(
        e.getMessage()
            .contains(
                "on the cuda:0: 20971520 bytes are in use (bytes in blocks: parameters 20971520 in 1)"),
        e.getMessage());
    memory.release(memory.allocate(100 << 20), 100 << 20);
    memory.release(kept, 20 << 20);
    memory.trim();
    assertEquals(0, memory.bytesInUse());
  }

  @Test
  void doesWithoutVirtualAddresses() {
    Cuda cuda = StandIn.open();
    Watcher watcher = Watcher.find();
    var memory =
        new CudaMemory(new AllocatedSlabs(cuda.queue(), watcher), "cuda:0", cuda.queue(), watcher);
    for (int round = 0; round < 2; round++) {
      long block = memory.allocate(1 << 20);
      memory.write(MemorySegment.ofArray(new int[] {7 + round}), block, 4);
      assertEquals(7 + round, read(memory, block, 4).get(ValueLayout.JAVA_INT, 0));
      memory.release(block, 1 << 20);
      memory.trim();
      assertEquals(0, memory.bytesHeld());
    }
    assertThrows(OutOfDeviceMemoryException.class, () -> memory.allocate(cuda.chip().memory() + 1));
  }

  private static MemorySegment read(Memory memory, long address, int bytes) {
    MemorySegment target = MemorySegment.ofArray(new long[(bytes + 7) / 8]).asSlice(0, bytes);
    memory.read(address, target, bytes);
    return target;
  }

  /// The address of int32 zeros.
  static long zeros(Cuda cuda, int count) {
    long address = cuda.memory().allocate(4L * count);
    cuda.memory().zero(address, 4L * count);
    return address;
  }

  /// Adds 1 to an int32, and writes where nothing is if wanted.
  static void count(Cuda cuda, long y, int wrong) {
    cuda.kernel("runtime", "runtime_count")
        .launch()
        .threads(32)
        .address(y)
        .i32(1)
        .i32(wrong)
        .moves(8)
        .run();
  }

  private static void report(Cuda cuda, long code) {
    cuda.kernel("runtime", "runtime_report")
        .launch()
        .threads(32)
        .address(cuda.fault())
        .i64(code)
        .i64(70)
        .i64(12)
        .run();
  }
}
