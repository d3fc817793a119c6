package dev.quintet.kernels.cuda;

import dev.quintet.core.backend.Calibration;
import dev.quintet.core.backend.Calibration.Unit;
import dev.quintet.core.backend.Memory;
import dev.quintet.kernels.driver.Cuda;
import dev.quintet.kernels.driver.Launch;
import dev.quintet.kernels.driver.Tiles;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.IntBuffer;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;

/// Runs `calibrate.cu`: whether a device's instructions have the effects that the emulator gives them, by which all kernels
/// were proved. The emulator's results were recorded.
final class CudaCalibration {
  private static final String FAMILY = "calibrate";
  private static final String RECORDED = "/dev/quintet/kernels/calibration.bin.gz";

  /// Rows and columns of a tile.
  private static final int TILE = 64;

  private static final int[] WIDTHS = {96, 192, 256};

  private final Cuda cuda;
  private final Memory memory;

  CudaCalibration(Cuda cuda) {
    this.cuda = cuda;
    this.memory = cuda.memory();
  }

  /// Compares a device with what was recorded.
  void compare(Consumer<Calibration> found) {
    IntBuffer recorded = recorded();
    run((name, words, allowed, unit) -> {
      int[] expected = new int[words.length];
      recorded.get(expected);
      found.accept(
          new Calibration(name, words.length, apart(expected, words, unit), allowed, unit));
    });
  }

  /// What a device gives, as it is recorded.
  byte[] record() {
    var bytes = new ByteArrayOutputStream();
    try (var zip = new GZIPOutputStream(bytes)) {
      run((_, words, _, _) -> {
        ByteBuffer raw = ByteBuffer.allocate(4 * words.length).order(ByteOrder.LITTLE_ENDIAN);
        raw.asIntBuffer().put(words);
        zip.write(raw.array());
      });
    } catch (IOException e) {
      throw new UncheckedIOException("memory cannot be written", e);
    }
    return bytes.toByteArray();
  }

  private interface Results<E extends Exception> {
    void take(String name, int[] words, double allowed, Unit unit) throws E;
  }

  private <E extends Exception> void run(Results<E> results) throws E {
    for (CalibrationCase one : CalibrationCase.all()) {
      results.take(one.name(), words(one), one.allowed(), one.unit());
    }
    results.take("counters (atom, ld.acquire) of 64 blocks", counters(), 0, Unit.OTHER_BITS);
    // Only 9.0 has these.
    if (cuda.chip().capability() == 90) {
      results.take(
          "copies and products of tiles (TMA, wgmma), whole numbers",
          tiles(CalibrationCase::whole),
          0,
          Unit.OTHER_BITS);
      results.take(
          "copies and products of tiles (TMA, wgmma)",
          tiles(CalibrationCase::one),
          TILE * 0x1p-21,
          Unit.DIFFERENCE);
      for (String form : List.of("nn", "nt", "tn")) {
        results.take(
            "products of clusters (TMA multicast, wgmma), " + form + ", whole numbers",
            products(form, CalibrationCase::whole),
            0,
            Unit.OTHER_BITS);
      }
      results.take(
          "products of clusters (TMA multicast, wgmma)",
          products("nt", CalibrationCase::one),
          2 * TILE * 0x1p-21,
          Unit.DIFFERENCE);
      results.take(
          "tiles of several matrices (TMA), products of registers (wgmma), whole numbers",
          own(CalibrationCase::whole),
          0,
          Unit.OTHER_BITS);
      results.take(
          "tiles of several matrices (TMA), products of registers (wgmma)",
          own(CalibrationCase::one),
          TILE * 0x1p-21,
          Unit.DIFFERENCE);
    }
  }

  private int[] words(CalibrationCase one) {
    int[] given = one.given();
    int[] result = new int[one.threadsOfAll() * one.out()];
    long x = put(given);
    long y = memory.allocate(4L * result.length);
    launch(one.kernel(), one.threads())
        .grid(CalibrationCase.blocks())
        .shared(CalibrationCase.SHARED)
        .address(x)
        .address(y)
        .run();
    memory.read(y, MemorySegment.ofArray(result), 4L * result.length);
    memory.release(x, 4L * given.length);
    memory.release(y, 4L * result.length);
    return result;
  }

  private int[] counters() {
    int[] result = new int[64 * 32];
    long x = put(new SplittableRandom(64).ints(result.length).toArray());
    long y = memory.allocate(4L * result.length);
    long counters = put(new int[2]);
    launch("counters", 32).grid(64).shared(4).address(x).address(y).address(counters).run();
    memory.read(y, MemorySegment.ofArray(result), 4L * result.length);
    memory.release(x, 4L * result.length);
    memory.release(y, 4L * result.length);
    memory.release(counters, 8);
    return result;
  }

  private interface Numbers {
    double next(SplittableRandom random);
  }

  private int[] tiles(Numbers numbers) {
    int[] given = pairs(numbers, TILE, TILE * TILE); // two tiles of half as many words
    long bytes = 2L * TILE * TILE;
    long x = put(given);
    long y = memory.allocate(3 * bytes);
    launch("tiles", 128)
        .shared((int) (2 * bytes) + 8)
        .struct(tile(x), 64)
        .struct(tile(x + bytes), 64)
        .struct(tile(y + 2 * bytes), 64)
        .address(y)
        .run();
    int[] result = new int[(int) (3 * bytes / 4)];
    memory.read(y, MemorySegment.ofArray(result), 3 * bytes);
    memory.release(x, 2 * bytes);
    memory.release(y, 3 * bytes);
    return result;
  }

  /// Products of a tile in registers by one in shared memory, along and across the summed size.
  private int[] own(Numbers numbers) {
    int[] given = pairs(numbers, TILE + 1, TILE * TILE); // two tiles of half as many words
    int[] result = new int[2 * TILE * TILE];
    long x = put(given);
    long y = memory.allocate(4L * result.length);
    launch("products_own", 128)
        .shared(4 * TILE * TILE + 8)
        .struct(cuda.map(new Tiles(x, TILE, TILE, TILE, 2, TILE * TILE, TILE, TILE)), 64)
        .address(y)
        .run();
    memory.read(y, MemorySegment.ofArray(result), 4L * result.length);
    memory.release(x, 4L * given.length);
    memory.release(y, 4L * result.length);
    return result;
  }

  /// Products of 2 x 64 rows and each width of `wgmma.cuh`, of two steps of 64 of the summed size, one after the other: every
  /// seventh number, so that each lane's and each register's are among them.
  private int[] products(String form, Numbers numbers) {
    int rows = 2 * TILE;
    int depth = 2 * TILE;
    var some = IntStream.builder();
    for (int width : WIDTHS) {
      int[] given = pairs(numbers, width, (rows + width) * depth / 2);
      long x = put(given);
      long right = x + 2L * rows * depth;
      long y = memory.allocate(4L * rows * width);
      launch("products_" + form + "_" + width, 256)
          .grid(2)
          .cluster(2)
          .shared(TILE * TILE * 2 + 256 * TILE * 2 + 16)
          .struct(cuda.map(new Tiles(x, rows, depth, depth, TILE, TILE)), 64)
          .struct(
              cuda.map(
                  form.endsWith("t")
                      ? new Tiles(right, width, depth, depth, width / 2, TILE)
                      : new Tiles(right, depth, width, width, TILE / 2, TILE)),
              64)
          .address(y)
          .run();
      int[] result = new int[rows * width];
      memory.read(y, MemorySegment.ofArray(result), 4L * result.length);
      for (int i = 0; i < result.length; i += 7) {
        some.add(result[i]);
      }
      memory.release(x, 4L * given.length);
      memory.release(y, 4L * result.length);
    }
    return some.build().toArray();
  }

  /// Words of two numbers of bfloat16 each.
  private static int[] pairs(Numbers numbers, long seed, int words) {
    var random = new SplittableRandom(seed);
    int[] given = new int[words];
    for (int i = 0; i < words; i++) {
      given[i] = CalibrationCase.pair(numbers.next(random), numbers.next(random));
    }
    return given;
  }

  private ByteBuffer tile(long address) {
    return cuda.map(new Tiles(address, TILE, TILE, TILE, TILE, TILE));
  }

  private Launch launch(String kernel, int threads) {
    return cuda.kernel(FAMILY, FAMILY + "_" + kernel).launch().threads(threads);
  }

  private long put(int[] words) {
    long address = memory.allocate(4L * words.length);
    memory.write(MemorySegment.ofArray(words), address, 4L * words.length);
    return address;
  }

  private static IntBuffer recorded() {
    try (InputStream in = CudaCalibration.class.getResourceAsStream(RECORDED)) {
      if (in == null) {
        throw new IllegalStateException("this library lacks " + RECORDED + "; build it anew");
      }
      try (var zip = new GZIPInputStream(new ByteArrayInputStream(in.readAllBytes()))) {
        return ByteBuffer.wrap(zip.readAllBytes()).order(ByteOrder.LITTLE_ENDIAN).asIntBuffer();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(RECORDED + " cannot be read", e);
    }
  }

  static double apart(int[] expected, int[] found, Unit unit) {
    double most = 0;
    for (int i = 0; i < expected.length; i++) {
      if (expected[i] == found[i]) {
        continue;
      }
      float x = Float.intBitsToFloat(expected[i]);
      float y = Float.intBitsToFloat(found[i]);
      double apart =
          switch (unit) {
            case OTHER_BITS -> most + 1;
            case ULPS ->
                Float.isNaN(x) && Float.isNaN(y)
                    ? 0
                    : Math.abs((double) ordered(expected[i]) - ordered(found[i]));
            case DIFFERENCE -> Math.abs((double) x - y);
          };
      most = apart > most || Double.isNaN(apart) ? apart : most;
    }
    return most;
  }

  /// A float32's bits as a number that rises with it.
  private static int ordered(int bits) {
    return bits < 0 ? Integer.MIN_VALUE - bits : bits;
  }
}
