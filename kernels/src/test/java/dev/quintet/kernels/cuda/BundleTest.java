package dev.quintet.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.kernels.testing.StandIn;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What is taken to a GPU, packed and run as a whole on the stand-in.
@Tag("slow")
class BundleTest {
  private static final int PARTS = 9;
  private static final int MOST_SECONDS = 8 * 60;
  private static final long MOST_BYTES = 60L << 20;

  @TempDir Path folder;

  @BeforeEach
  void standInIsThere() {
    StandIn.backend();
  }

  @Test
  void allPartsEndOnTheStandInWithinEightMinutes() throws Exception {
    var command = new ArrayList<String>();
    command.add(Path.of("..", "trainer", "app", "bundle").toString());
    command.add(System.getProperty("java.home"));
    command.add(programs());
    Path bundle = folder.resolve("bundle");
    command.addAll(List.of(bundle.toString(), "--sources", ".."));
    command.add(
        recorded("t5-v1.1").toString()); // of an emulated device's time a second one takes a minute
    String packing = run(0, 300, command);
    assertTrue(Files.size(bundle) < MOST_BYTES, packing);
    assertTrue(packing.contains("machine code by CUDA "), packing);

    Path results = folder.resolve("results.json");
    long start = System.nanoTime();
    String said =
        run(0, MOST_SECONDS + 60, List.of(bundle.toString(), "--toy", "--out", results.toString()));
    long seconds = (System.nanoTime() - start) / 1_000_000_000;
    System.out.println(said);
    assertTrue(seconds <= MOST_SECONDS, seconds + " seconds");
    assertTrue(said.contains("stand-in"), said);
    String json = Files.readString(results);
    for (int part = 1; part <= PARTS; part++) {
      assertTrue(json.contains("\"part\": " + part + ","), "part " + part + " in " + json);
    }
  }

  /// What a user has, without what belongs to tests.
  private static String programs() {
    return Arrays.stream(System.getProperty("java.class.path").split(":"))
        .filter(entry ->
            !entry.matches(
                ".*(-tests?|test-classes|test/resources/?|-tests\\.jar|(junit|archunit|opentest4j|apiguardian|surefire)[^/]*\\.jar)"))
        .collect(Collectors.joining(":"));
  }

  private Path recorded(String model) throws IOException {
    Path all = Files.createDirectory(folder.resolve(model));
    for (String module : List.of("models", "trainer")) {
      try (var files =
          Files.list(Path.of("..", module, "src", "test", "resources", "golden", model))) {
        for (Path file : files.toList()) {
          Files.copy(file, all.resolve(file.getFileName()));
        }
      }
    }
    return all;
  }

  private String run(int code, int seconds, List<String> command) throws Exception {
    Path out = folder.resolve("out");
    var builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(out.toFile());
    builder.environment().put("QUINTET_CUDA_DRIVER", StandIn.library().toString());
    Process process = builder.start();
    boolean ended = process.waitFor(seconds, TimeUnit.SECONDS);
    if (!ended) {
      process.destroy();
    }
    String said = Files.readString(out);
    assertTrue(ended, said);
    assertEquals(code, process.exitValue(), said);
    return said;
  }
}
