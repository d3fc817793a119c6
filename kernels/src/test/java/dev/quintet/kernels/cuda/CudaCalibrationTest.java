package dev.quintet.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.core.backend.Calibration;
import dev.quintet.core.backend.Calibration.Unit;
import dev.quintet.kernels.testing.StandIn;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// The emulator gives what was recorded of it, so that a GPU that gives it too does what all kernels were proved with.
class CudaCalibrationTest {
  private static final Path SOURCES = Path.of("src", "main", "cuda");

  @Test
  void theEmulatorGivesWhatWasRecordedOfIt() {
    var found = new ArrayList<Calibration>();
    StandIn.backend().calibrate(found::add);
    assertEquals("", StandIn.errors());
    assertEquals(CalibrationCase.all().size() + 9, found.size());
    for (Calibration one : found) {
      // Another machine's library of functions may round otherwise.
      assertTrue(one.apart() <= (one.unit() == Unit.ULPS ? 1 : 0), one::toString);
      assertTrue(one.values() >= 256, one::toString);
    }
  }

  @Test
  void aResultThatIsOffIsSeen() {
    int one = Float.floatToRawIntBits(1);
    int[] expected = {one, one, 0x7fc00000, 0x80000000};
    assertEquals(3, apart(Unit.ULPS, expected, one + 3, one, 0x7fffffff, 0));
    assertEquals(3, apart(Unit.OTHER_BITS, expected, one + 3, one, 0x7fffffff, 0));
    assertEquals(0x3p-23, apart(Unit.DIFFERENCE, expected, one + 3, one, 0x7fc00000, 0));
    assertTrue(Double.isNaN(apart(Unit.DIFFERENCE, expected, one, 0x7fc00000, one, 0)));
    assertTrue(!new Calibration("x", 1, Double.NaN, 1, Unit.DIFFERENCE).passed());
    assertTrue(apart(Unit.ULPS, expected, one, 0x7fc00000, 0x7fc00000, 0) > 1000);
  }

  /// Whoever adds an instruction adds its comparison.
  @Test
  void everyFunctionThatStandsForAnInstructionIsTried() throws IOException {
    String tries = Files.readString(SOURCES.resolve("calibrate.cu"));
    Set<String> missing = new HashSet<>();
    for (String header : new String[] {"device.cuh", "hopper.cuh", "wgmma.cuh", "counters.cuh"}) {
      var functions =
          Pattern.compile("(?m)^(?:template <[^>]*> )?BODY \\w+ (\\w+)\\(")
              .matcher(Files.readString(SOURCES.resolve(header)));
      while (functions.find()) {
        if (!tries.contains(functions.group(1) + "(")
            && !tries.contains(functions.group(1) + "<")) {
          missing.add(functions.group(1));
        }
      }
    }
    // What others are made of: globalAt takes an address out of a table; Operand of wgmma.cuh,
    // which is tried,
    // calls two; the rest order copies and stores.
    missing.removeAll(Set.of("globalAt", "loadTileForAll", "tileAcross", "showShared", "arrive"));
    assertEquals(Set.of(), missing);
  }

  private static double apart(Unit unit, int[] expected, int... found) {
    return CudaCalibration.apart(expected, found, unit);
  }

  /// Records the emulator's results anew, after a change of `calibrate.cu` or [CalibrationCase].
  public static void main(String... file) throws IOException {
    Files.write(
        Path.of(file[0]), new CudaCalibration(((CudaBackend) StandIn.backend()).cuda()).record());
  }
}
