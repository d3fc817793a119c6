package dev.quintet.trainer.loop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.core.cpu.CpuBackend;
import dev.quintet.core.io.AtomicDirectory;
import dev.quintet.models.adapt.lora.AdaLora;
import dev.quintet.models.json.JsonObject;
import dev.quintet.models.text.TextToText;
import dev.quintet.trainer.TinyText;
import dev.quintet.trainer.metric.NameMetric;
import dev.quintet.trainer.schedule.LearningRate;
import dev.quintet.trainer.schedule.Plateau;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Kills real processes while they train, with one thread and with two, and resumes them.
class KilledRunTest {
  private static final long STEPS = 60;

  @TempDir Path folder;

  @Test
  void aRunThatIsKilledAndResumedEqualsOneLeftAlone() throws Exception {
    killAndCompare(2, random(), false);
  }

  @Test
  void anAdapterWhoseTrainingIsKilledAndResumedEqualsOneLeftAlone() throws Exception {
    killAndCompare(2, random(), true);
  }

  @Test
  @Tag("slow")
  void thirtyKillsChangeNoBitOfAnAdapter() throws Exception {
    SplittableRandom random = random();
    for (int run = 0; run < 3; run++) {
      killAndCompare(10, random, true);
    }
  }

  @Test
  @Tag("slow")
  void fortyKillsChangeNoBit() throws Exception {
    SplittableRandom random = random();
    for (int run = 0; run < 4; run++) {
      killAndCompare(10, random, false);
    }
  }

  private static SplittableRandom random() {
    long seed = Long.getLong("seed", System.nanoTime());
    System.out.println("seed " + seed);
    return new SplittableRandom(seed);
  }

  private void killAndCompare(int kills, SplittableRandom random, boolean adapter)
      throws Exception {
    Path run = Files.createTempDirectory(folder, "run");
    Path alone = run.resolve("alone");
    Path killed = run.resolve("killed");
    Child.main(alone.toString(), "2", String.valueOf(adapter));
    for (int kill = 0; kill < kills; kill++) {
      int threads = 1 + kill % 2;
      boolean early = random.nextInt(4) == 0; // before or while it starts
      kill(killed, threads, random.nextInt(early ? 700 : 250), early, adapter);
      for (Path left : AtomicDirectory.numbered(killed.resolve("checkpoints"), "step-")) {
        AtomicDirectory.verify(left);
      }
    }
    assertEquals(0, start(killed, 1, adapter).waitFor());
    Map<String, Integer> files = comparable(alone, adapter);
    assertEquals(files, comparable(killed, adapter));
  }

  /// All files; whatever a killed process left behind is gone by the end.
  private static Map<String, Integer> comparable(Path out, boolean adapter) throws IOException {
    var files = new TreeMap<>(TinyText.bytes(out));
    assertTrue(
        files.containsKey("last/" + (adapter ? "adapter_" : "") + "model.safetensors"),
        files.keySet().toString());
    files
        .keySet()
        .removeIf(name -> adapter && name.endsWith("adapter_config.json")); // names the base
    files.keySet().removeIf(name -> adapter && name.endsWith("/manifest.json"));
    assertTrue(files.containsKey("checkpoints/step-" + STEPS + "/optimizer.safetensors"));
    return files;
  }

  private static void kill(Path out, int threads, int millis, boolean early, boolean adapter)
      throws Exception {
    Process child = start(out, threads, adapter);
    if (!early) {
      try (var lines = child.inputReader()) {
        lines.readLine(); // a step is done
        child.waitFor(millis, TimeUnit.MILLISECONDS);
        child.destroyForcibly();
      }
    } else {
      child.waitFor(millis, TimeUnit.MILLISECONDS);
      child.destroyForcibly();
    }
    child.waitFor();
  }

  private static Process start(Path out, int threads, boolean adapter) throws IOException {
    var command =
        new ArrayList<>(
            List.of(
                ProcessHandle.current().info().command().orElseThrow(),
                "--add-modules=jdk.incubator.vector",
                "--enable-native-access=ALL-UNNAMED",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                Child.class.getName(),
                out.toString(),
                Integer.toString(threads),
                String.valueOf(adapter),
                "aloud"));
    return new ProcessBuilder(command)
        .redirectError(ProcessBuilder.Redirect.DISCARD)
        .redirectOutput(ProcessBuilder.Redirect.PIPE)
        .start();
  }

  /// Halves the rate after each seventh step that it has counted.
  private static final class Halving implements TrainingCallback {
    private long steps;

    @Override
    public Map<String, Object> state() {
      return Map.of("steps", steps);
    }

    @Override
    public void restore(JsonObject state) {
      steps = state.required("steps", JsonObject::whole);
    }

    @Override
    public void updated(long step, TrainingControl control) {
      steps++;
      control.rate(Math.scalb(1.0, (int) -(steps / 7)));
    }
  }

  /// Trains, or goes on training, in a folder.
  static final class Child {
    private Child() {}

    public static void main(String... args) {
      CpuBackend.threads(Integer.parseInt(args[1]));
      try (TextToText text = TinyText.model(0.1f, 1)) {
        Trainer trainer = Trainer.of(text);
        if (args[2].equals("true")) {
          // of all methods the one whose training keeps most beside its parameters
          trainer.adapter(AdaLora.ranks(4, 2, (int) STEPS).on("q", "v"));
        } else {
          trainer.freeze("encoder.*").unfreeze(20, "encoder.block.1.*");
        }
        trainer
            .data(TinyText.pairs(100, 3), TinyText.pairs(20, 4))
            .test(TinyText.pairs(5, 5))
            .maxLengths(32, 8)
            .metrics(new NameMetric())
            .examples(4)
            .select("f1")
            .patience(20)
            .schedule(new LearningRate.OnPlateau(Plateau.Options.DEFAULT))
            .callback(new Halving())
            .steps(STEPS)
            .batchSize(8)
            .learningRate(0.01)
            .saveEvery(3)
            .evaluateEvery(7)
            .resume()
            .listener(
                new TrainingListener() {
                  @Override
                  public void stepped(StepReport report) {
                    if (args.length > 3) {
                      System.out.println(report.step());
                    }
                  }
                })
            .run(Path.of(args[0]));
      }
    }
  }
}
