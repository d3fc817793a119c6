package dev.quintet.kernels.testing;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.core.backend.Backend;
import dev.quintet.core.backend.Backends;
import dev.quintet.core.backend.Memory;
import dev.quintet.core.shape.Device;
import dev.quintet.kernels.driver.Cuda;
import dev.quintet.kernels.driver.CudaException;
import dev.quintet.kernels.driver.Launch;
import dev.quintet.kernels.driver.Tiles;
import dev.quintet.kernels.testing.StandIn.Schedule;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The emulator finds the faults that `src/emulator/planted` makes on purpose, and finds none where there is none. A fault is
/// found by a message, or by a wrong result under some order of threads: whoever only tried the fair ones would miss some.
class PlantedFaultsTest {
  private static final Set<Schedule> ALL = EnumSet.allOf(Schedule.class);
  private static final Set<Schedule> GREEDY = EnumSet.of(Schedule.GREEDY, Schedule.GREEDY_RANDOM);
  private static final Set<Schedule> FAIR =
      EnumSet.of(Schedule.FORWARD, Schedule.REVERSE, Schedule.RANDOM);
  private static final float[] NUMBERS = numbers();

  @BeforeEach
  void standInIsThere() {
    StandIn.backend();
    StandIn.reset();
  }

  @AfterEach
  void forgetTheFault() {
    StandIn.schedule(Schedule.FORWARD);
    StandIn.reset();
    StandIn.errors();
  }

  /// In whatever order classes of tests run.
  @Test
  void whoComesAfterAFaultFindsADeviceThatWorks() {
    Backend broken = StandIn.backend();
    StandIn.fail("cuStreamSynchronize", 1, 719);
    assertThrows(CudaException.class, broken.queue()::synchronize);
    Backend mended = StandIn.backend();
    assertNotSame(broken, mended);
    assertSame(mended, Backends.of(Device.cuda(0)));
    mended.queue().synchronize();
  }

  @Test
  void aMissingBarrierIsFound() {
    assertFound(1, ALL, "has not written", PlantedFaultsTest::sums);
  }

  @Test
  void aMissingTrailingBarrierIsFoundByAWarpThatRunsAhead() {
    assertFound(2, GREEDY, "", PlantedFaultsTest::sums);
  }

  @Test
  void aBarrierThatSomeWarpsDoNotReachIsFound() {
    assertFound(
        1,
        ALL,
        "barrier 0 in line",
        run -> run.floats(128, run.launch("planted_divergent").address(run.blank(256)), 16));
  }

  @Test
  void aShuffleFromALaneOutsideItsMaskIsFound() {
    assertFound(
        1,
        ALL,
        "which is not in mask",
        run -> run.floats(32, run.launch("planted_shuffle").address(run.blank(32)), 16));
  }

  @Test
  void aWaitThatLeavesTheCopiesItNeedsIsFound() {
    assertFound(
        1,
        ALL,
        "has not written",
        run ->
            run.floats(
                32,
                run.launch("planted_copies").address(run.put(NUMBERS)).address(run.blank(32)),
                1024));
  }

  @Test
  void aReadBehindABlockOfMemoryIsFound() {
    assertFound(1, ALL, "outside all blocks", PlantedFaultsTest::bounds);
  }

  @Test
  void aWriteBehindSharedMemoryIsFound() {
    assertFound(2, ALL, "of 256 bytes of shared memory", PlantedFaultsTest::bounds);
  }

  @Test
  void sixteenBytesFromAnOddPlaceAreFound() {
    assertFound(3, ALL, "not a multiple", PlantedFaultsTest::bounds);
  }

  @Test
  void sharedMemoryOfAnEarlierBlockIsNotTakenForThisOnes() {
    assertFound(
        4,
        EnumSet.of(Schedule.FORWARD, Schedule.REVERSE),
        "has not written",
        PlantedFaultsTest::bounds);
  }

  @Test
  void anOutputThatNobodyWroteIsFoundWhenItIsRead() {
    assertFound(5, ALL, "nobody has written", PlantedFaultsTest::bounds);
  }

  @Test
  void argumentsInAnotherOrderAreFound() {
    var run = new Run(1, Schedule.FORWARD);
    long x = run.put(NUMBERS);
    long y = run.blank(64);
    run.start("planted_copy").i64(64).address(x).address(y).threads(64).run();
    assertTrue(run.fault().contains("is no address in a block"), run::fault);
  }

  @Test
  void memoryIsFoundThatIsUsedAfterItWasGivenBack() {
    var run = new Run(1, Schedule.FORWARD);
    long x = run.put(NUMBERS);
    long y = run.blank(64);
    run.memory.release(x, 4L * NUMBERS.length);
    run.start("planted_copy").address(x).address(y).i64(64).threads(64).run();
    assertTrue(run.fault().contains("released"), run::fault);
  }

  @Test
  void aMissingArgumentIsFound() {
    var run = new Run(0, Schedule.FORWARD);
    long x = run.put(NUMBERS);
    Launch launch = run.start("planted_copy").address(x).threads(64);
    String message = "";
    try {
      launch.run();
    } catch (CudaException e) {
      message = e.getMessage();
    }
    assertTrue(message.contains("cuLaunchKernel") && message.contains("planted_copy"), message);
    assertTrue(StandIn.errors().contains("takes 3 arguments"));
  }

  @Test
  void aStageThatIsGivenBackBeforeItsProductsHaveEndedIsFound() {
    assertFound(1, FAIR, "", PlantedFaultsTest::hopper);
  }

  @Test
  void aMissingWaitForACopiedTileIsFound() {
    assertFound(2, ALL, "", PlantedFaultsTest::hopper);
  }

  @Test
  void aTileThatIsWrittenOverBeforeItsStoreHasReadItIsFound() {
    assertFound(3, ALL, "", PlantedFaultsTest::hopper);
  }

  @Test
  void aBlockThatEndsBeforeItsClusterIsFound() {
    assertFound(1, ALL, "has ended", PlantedFaultsTest::cluster);
  }

  @Test
  void aStageThatAnotherBlockMayOverwriteIsFound() {
    assertFound(2, EnumSet.of(Schedule.GREEDY), "", PlantedFaultsTest::cluster);
  }

  @Test
  void aMissingFenceBeforeProductsIsFound() {
    assertFound(3, ALL, "without wgmma.fence", PlantedFaultsTest::cluster);
  }

  /// A product of two blocks that bring each other what both need.
  private static float[] cluster(Run run) {
    int width = 320;
    Launch launch =
        run.launch("planted_cluster")
            .grid(2)
            .cluster(2)
            .threads(256)
            .struct(run.tiles(128, width, 3, 64), 64)
            .struct(run.tiles(96, width, 5, 48), 64)
            .address(run.blank(128 * 96))
            .i32(width);
    return run.floats(128 * 96, launch, 8192 + 96 * 128 + 16);
  }

  /// A product of bfloat16 by Hopper's copies of tiles and products of a warpgroup.
  private static float[] hopper(Run run) {
    int width = 256;
    ByteBuffer left = run.tiles(64, width, 3, 64);
    ByteBuffer right = run.tiles(64, width, 5, 64);
    ByteBuffer result = run.cuda.map(new Tiles(run.blank(64 * 32), 64, 64, 64, 64, 64));
    Launch launch =
        run.launch("planted_hopper")
            .threads(160)
            .struct(left, 64)
            .struct(right, 64)
            .struct(result, 64)
            .i32(width);
    return run.floats(64 * 32, launch, 7 * 8192 + 128);
  }

  private static float[] sums(Run run) {
    return run.floats(
        256, run.launch("planted_sums").address(run.put(NUMBERS)).address(run.blank(256)), 16);
  }

  private static float[] bounds(Run run) {
    long x = run.put(Arrays.copyOf(NUMBERS, 64));
    long gap = run.memory.allocate(64); // so that what is behind x belongs to nobody
    long y = run.blank(64);
    run.memory.release(gap, 64);
    return run.floats(64, run.launch("planted_bounds").address(x).address(y).i32(64), 256);
  }

  /// Runs a kernel rightly under every schedule, and with its fault under those that show it.
  private static void assertFound(
      int wrong, Set<Schedule> by, String message, Function<Run, float[]> kernel) {
    float[] expected = kernel.apply(new Run(0, Schedule.FORWARD));
    assertEquals("", StandIn.errors());
    for (Schedule schedule : ALL) {
      var right = new Run(0, schedule);
      assertArrayEquals(expected, kernel.apply(right), schedule.toString());
      assertEquals("", StandIn.errors());
      if (by.contains(schedule)) {
        var run = new Run(wrong, schedule);
        float[] found = kernel.apply(run);
        String said = StandIn.errors();
        assertTrue(
            found.length == 0 || !Arrays.equals(expected, found),
            () -> schedule + " does not find the fault");
        assertTrue(said.contains(message), () -> schedule + " says: " + said);
        StandIn.reset();
      }
    }
  }

  private static float[] numbers() {
    float[] numbers = new float[256];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = i;
    }
    return numbers;
  }

  /// A planted kernel; a faulty one on a device of its own, which fails for good.
  private static final class Run {
    private static final Cuda SOUND = Cuda.open(0);

    private final int wrong;
    private final Cuda cuda;
    private final Memory memory;
    private long out;

    Run(int wrong, Schedule schedule) {
      this.wrong = wrong;
      this.cuda = wrong == 0 ? SOUND : Cuda.open(0);
      this.memory = cuda.memory();
      StandIn.schedule(schedule);
    }

    long put(float[] values) {
      long address = memory.allocate(4L * values.length);
      memory.write(MemorySegment.ofArray(values), address, 4L * values.length);
      return address;
    }

    /// Small whole numbers as bfloat16, by tiles.
    ByteBuffer tiles(int rows, int width, int factor, int tileRows) {
      short[] values = new short[rows * width];
      for (int i = 0; i < values.length; i++) {
        values[i] = (short) (Float.floatToRawIntBits(i * factor % 7 - 3) >> 16);
      }
      long address = memory.allocate(2L * values.length);
      memory.write(MemorySegment.ofArray(values), address, 2L * values.length);
      return cuda.map(new Tiles(address, rows, width, width, tileRows, 64));
    }

    long blank(int count) {
      out = memory.allocate(4L * count);
      return out;
    }

    Launch start(String kernel) {
      return cuda.kernel("planted", kernel).launch();
    }

    Launch launch(String kernel) {
      int threads =
          switch (kernel) {
            case "planted_shuffle", "planted_copies" -> 32;
            case "planted_bounds" -> 64;
            default -> 128;
          };
      return start(kernel).threads(threads);
    }

    /// The result; nothing where the device has failed.
    float[] floats(int count, Launch launch, int shared) {
      float[] result = new float[count];
      try {
        launch.i32(wrong).shared(shared).run();
        memory.read(out, MemorySegment.ofArray(result), 4L * count);
        return result;
      } catch (CudaException e) {
        return new float[0];
      }
    }

    String fault() {
      try {
        cuda.queue().synchronize();
        return "nothing";
      } catch (CudaException e) {
        return StandIn.errors();
      }
    }
  }
}
