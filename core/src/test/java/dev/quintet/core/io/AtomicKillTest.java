package dev.quintet.core.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.core.shape.DType;
import dev.quintet.core.shape.Shape;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Kills real processes while they write, and looks at what they leave.
///
/// SIGKILL loses nothing that the kernel already has, so this says nothing about power loss.
class AtomicKillTest {
  @TempDir Path parent;

  @Test
  void noKillDamagesOrLosesACheckpoint() throws Exception {
    killAndCheck(3);
  }

  @Test
  @Tag("slow")
  void fortyKillsDamageOrLoseNothing() throws Exception {
    killAndCheck(40);
  }

  private void killAndCheck(int kills) throws Exception {
    long seed = Long.getLong("seed", 5);
    System.out.println("seed " + seed);
    var random = new SplittableRandom(seed);
    long acknowledged = 0;
    for (int kill = 0; kill < kills; kill++) {
      acknowledged = Math.max(acknowledged, runAndKill(random.nextInt(150)));
      for (Path checkpoint : AtomicDirectory.numbered(parent, "step-")) {
        AtomicDirectory.verify(checkpoint);
      }
      isWhole(AtomicDirectory.newest(parent, "step-").orElseThrow(), acknowledged);
      isWhole(AtomicDirectory.locate(parent.resolve("best")).orElseThrow(), acknowledged);
      try (var file = SafetensorsFile.open(parent.resolve("alone.safetensors"))) {
        float[] values = file.floats("w");
        assertEquals(values[0], values[values.length - 1]);
        assertTrue(values[0] >= acknowledged);
      }
    }
    AtomicDirectory.clean(parent);
    AtomicDirectory.verify(parent.resolve("best"));
    // A file's own leftovers go with the next writing of it, or with the folder's cleaning.
    try (var left = Files.list(parent)) {
      assertEquals(
          List.of(), left.filter(path -> path.getFileName().toString().startsWith(".")).toList());
    }
  }

  private static void isWhole(Path checkpoint, long acknowledged) {
    try (var file = SafetensorsFile.open(checkpoint.resolve("model.safetensors"))) {
      float[] values = file.floats("w");
      assertEquals(values[0], values[values.length - 1]);
      assertTrue(
          values[0] >= acknowledged, values[0] + ", but " + acknowledged + " was acknowledged");
    }
  }

  /// Returns the last step that the child said was saved, after at least one.
  private long runAndKill(int millis) throws Exception {
    Process child =
        new ProcessBuilder(
                ProcessHandle.current().info().command().orElseThrow(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                Writer.class.getName(),
                parent.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try (var lines = child.inputReader()) {
      String first = lines.readLine();
      long last = Long.parseLong(first.substring(0, first.length() - 1));
      Thread.sleep(millis);
      child.toHandle().destroyForcibly(); // the child itself would close its output, too
      for (var line = lines.readLine();
          line != null && line.endsWith(".");
          line = lines.readLine()) {
        last = Long.parseLong(line.substring(0, line.length() - 1));
      }
      assertTrue(child.waitFor(20, TimeUnit.SECONDS));
      return last;
    } finally {
      child.destroyForcibly();
    }
  }

  /// The child: writes checkpoint after checkpoint, each in three ways, and says so after each.
  static final class Writer {
    private Writer() {}

    public static void main(String[] args) throws IOException {
      Path parent = Path.of(args[0]);
      AtomicDirectory.clean(parent);
      long step =
          AtomicDirectory.newest(parent, "step-")
              .map(path -> Long.valueOf(path.getFileName().toString().substring(5)))
              .orElse(0L);
      while (true) {
        step++;
        float[] values = new float[1 << 16];
        Arrays.fill(values, (float) step);
        var tensors =
            Map.of(
                "w",
                TensorData.of(DType.F32, Shape.of(values.length), MemorySegment.ofArray(values)));
        AtomicDirectory.Content content =
            folder -> {
              SafetensorsWriter.write(folder.resolve("model.safetensors"), tensors);
              Files.writeString(folder.resolve("state.json"), "{}");
            };
        AtomicDirectory.write(parent.resolve("step-" + step), content);
        AtomicDirectory.write(parent.resolve("best"), content);
        SafetensorsWriter.write(parent.resolve("alone.safetensors"), tensors);
        System.out.println(step + ".");
        var all = AtomicDirectory.numbered(parent, "step-");
        all.subList(0, Math.max(0, all.size() - 2)).forEach(AtomicDirectory::delete);
      }
    }
  }
}
