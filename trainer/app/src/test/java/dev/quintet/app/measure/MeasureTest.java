package dev.quintet.app.measure;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.quintet.core.backend.Backends;
import dev.quintet.core.shape.DType;
import dev.quintet.core.shape.Device;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MeasureTest {

  @Test
  void withoutADeviceItSaysSoInOneLineAndExitsWith2(@TempDir Path folder) throws Exception {
    assumeTrue(Backends.best().kind() == Device.Kind.CPU, "there is a CUDA device here");
    Path out = folder.resolve("out.json");
    String said = refused("--out", out.toString());
    assertTrue(said.startsWith("nothing to measure on: no backend for device cuda:0"), said);
    assertEquals(1, said.lines().count());
    assertFalse(Files.exists(out));
  }

  @Test
  void optionsAndPartsThatDoNotExistAreUsage() throws Exception {
    assertTrue(refused("--fast").startsWith("'--fast' is no option, or lacks its value\nusage:"));
    assertTrue(refused("--out").startsWith("'--out' is no option, or lacks its value\nusage:"));
    assertTrue(refused("--skip", "1,12").startsWith("there is no part '12'\nusage:"));
    assertTrue(refused("--skip", "").startsWith("there is no part ''\nusage:"));
  }

  @Test
  void operandsAreTheSameInBothTypesAndPiecesRepeat() {
    try (var room = new Room(Backends.of(Device.cpu()))) {
      int count = (1 << 16) + 3;
      float[] wide = room.read(DType.F32, room.normal(DType.F32, count, 5), count);
      float[] narrow = room.read(DType.BF16, room.normal(DType.BF16, count, 5), count);
      assertEquals(wide[1], wide[(1 << 16) + 1]);
      for (int i = 0; i < count; i++) {
        assertEquals(wide[i], narrow[i], Math.abs(wide[i]) / 256, "element " + i);
      }
    }
  }

  @Test
  void aPartsResultIsATableThatSaysWhereItWasFound() {
    String json =
        """
        {"part": 6, "title": "kernels timed", "seconds": 1.25, "failed": "cut off after 1 seconds",
         "figures": {"norm": {"microseconds": 12.34567, "tbps": 2}, "copy_tbps": 4.1,
          "folders": {"t5": {"lines": ["a", "b"]}}}}
        """;
    assertEquals(
        """
        part 6, kernels timed, on the stand-in: 1.3 s, FAILED: cut off after 1 seconds
          copy_tbps                           4.100
          folders
            t5
              lines
                a
                b
          norm                                microseconds 12.35  tbps 2
        """,
        ResultTable.of(json, "the stand-in"));
  }

  @Test
  void timesOfAQueueWithoutAClockAreTheHosts() {
    try (var room = new Room(Backends.of(Device.cpu()))) {
      long to = room.bytes(1 << 20);
      int[] sets = new int[3];
      double seconds =
          room.seconds(
              5,
              3,
              set -> {
                sets[set]++;
                room.backend.memory().zero(to, 1 << 20);
              });
      assertTrue(seconds > 0 && seconds < 1, seconds + " s");
      assertEquals(8, sets[0] + sets[1] + sets[2]);
      assertTrue(sets[0] >= 2 && sets[1] >= 2 && sets[2] >= 2);
    }
  }

  private static String refused(String... arguments) throws Exception {
    PrintStream before = System.err;
    var said = new ByteArrayOutputStream();
    System.setErr(new PrintStream(said, true, StandardCharsets.UTF_8));
    try {
      assertEquals(2, Measure.run(arguments));
    } finally {
      System.setErr(before);
    }
    return said.toString(StandardCharsets.UTF_8);
  }
}
