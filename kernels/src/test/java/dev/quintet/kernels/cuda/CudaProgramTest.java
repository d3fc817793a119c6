package dev.quintet.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.core.shape.Device;
import dev.quintet.kernels.testing.StandIn;
import dev.quintet.models.t5.T5;
import dev.quintet.models.t5.T5Config;
import dev.quintet.models.text.TextToText;
import dev.quintet.tokenizers.bytes.ByteTokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The command line with `--device cuda`, as a process of its own, on the stand-in.
@Tag("emulator")
@Tag("whole")
class CudaProgramTest {
  private static final String TRAIN =
      """
      {"model": "%s", "train": "%s", "out": "%s", "steps": 6, "batch_size": 4, "save_every": 2,
       "warmup": 0, "dropout": 0.1, "seed": 3, "dtype": "bf16"}
      """;

  @TempDir Path folder;
  private String output = "";

  @BeforeEach
  void standInIsThere() {
    StandIn.backend();
  }

  @Test
  void verifiesARecordedT5() throws Exception {
    Path golden = folder.resolve("golden");
    Files.createDirectory(golden);
    for (String module : List.of("models", "trainer")) {
      Path recorded = Path.of("..", module, "src", "test", "resources", "golden", "t5-v1.1");
      try (var files = Files.list(recorded)) {
        for (Path file : files.toList()) {
          Files.copy(file, golden.resolve(file.getFileName()));
        }
      }
    }
    assertEquals(0, run(Map.of(), "verify", golden.toString(), "--device", "cuda"), output);
    assertTrue(output.contains(" 0 failed"), output);
  }

  @Test
  void aTrainingThatIsKilledAndResumedEqualsOneLeftAlone() throws Exception {
    Path alone = config("alone");
    assertEquals(
        0, run(Map.of(), "train", "--config", alone.toString(), "--device", "cuda"), output);
    Path killed = config("killed");
    Path checkpoint = folder.resolve("killed").resolve("checkpoints").resolve("step-2");
    Process process = start(Map.of(), "train", "--config", killed.toString(), "--device", "cuda");
    while (process.isAlive() && !Files.exists(checkpoint)) {
      Thread.sleep(5);
    }
    process.destroyForcibly().waitFor();
    assertTrue(Files.exists(checkpoint));
    String[] resume = {"train", "--config", killed.toString(), "--device", "cuda", "--resume"};
    assertEquals(0, run(Map.of(), resume), output);
    assertArrayEquals(weights("alone"), weights("killed"));
  }

  /// Every call that a training makes, each failing for once.
  @Test
  void aDriverThatFailsIsOneLineAndNoCrash() throws Exception {
    for (String call :
        List.of(
            "cuInit",
            "cuDevicePrimaryCtxRetain",
            "cuStreamCreate",
            "cuMemHostAlloc",
            "cuMemCreate",
            "cuMemMap",
            "cuModuleLoadData",
            "cuModuleGetFunction",
            "cuLaunchKernel",
            "cuMemcpyHtoDAsync",
            "cuStreamBeginCapture",
            "cuGraphLaunch",
            "cuEventRecord")) {
      Path config = config("fails-" + call);
      Map<String, String> broken = Map.of("QUINTET_STAND_IN_FAIL", call + ":1:719");
      int code = run(broken, "train", "--config", config.toString(), "--device", "cuda");
      assertNotEquals(0, code, call + ": " + output);
      assertFalse(output.contains("\tat "), call + ": " + output);
      assertFalse(output.contains("SIGSEGV"), call + ": " + output);
      assertFalse(output.contains("Exception"), call + ": " + output);
      assertEquals(
          1,
          output.lines().filter(line -> line.startsWith("quintet")).count(),
          call + ": " + output);
    }
  }

  private byte[] weights(String name) throws IOException {
    return Files.readAllBytes(folder.resolve(name).resolve("last").resolve("model.safetensors"));
  }

  private Path config(String name) throws IOException {
    Path model = folder.resolve("model");
    Path data = folder.resolve("data.jsonl");
    if (!Files.exists(model)) {
      T5Config toy =
          T5Config.small().withVocabSize(384).withWidths(64, 16, 4, 128).withLayers(1, 1);
      var tokenizer = ByteTokenizer.of(ByteTokenizer.Sentinels.AFTER_BYTES);
      try (var text = TextToText.of(T5.create(toy, 1, Device.cpu()), tokenizer)) {
        text.save(model);
      }
      var lines = new StringBuilder();
      for (int i = 0; i < 10; i++) {
        lines.append("{\"source\": \"number %d\", \"target\": \"%d\"}\n".formatted(i, i));
      }
      Files.writeString(data, lines);
    }
    return Files.writeString(
        folder.resolve(name + ".json"), TRAIN.formatted(model, data, folder.resolve(name)));
  }

  private int run(Map<String, String> environment, String... arguments) throws Exception {
    Process started = start(environment, arguments);
    assertTrue(started.waitFor(10, TimeUnit.MINUTES), String.join(" ", arguments));
    output = Files.readString(folder.resolve("out"));
    return started.exitValue();
  }

  private Process start(Map<String, String> environment, String... arguments) throws IOException {
    var command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-modules=jdk.incubator.vector",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                "dev.quintet.app.cli.Main"));
    command.addAll(List.of(arguments));
    var process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("out").toFile());
    process.environment().put("QUINTET_CUDA_DRIVER", StandIn.library().toString());
    process.environment().putAll(environment);
    return process.start();
  }
}
