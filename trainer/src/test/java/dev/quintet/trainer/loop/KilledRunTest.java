package dev.quintet.trainer.loop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.core.cpu.CpuBackend;
import dev.quintet.core.io.AtomicDirectory;
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
    killAndCompare(2, random());
  }

  @Test
  @Tag("slow")
  void fortyKillsChangeNoBit() throws Exception {
    SplittableRandom random = random();
    for (int run = 0; run < 4; run++) {
      killAndCompare(10, random);
    }
  }

  private static SplittableRandom random() {
    long seed = Long.getLong("seed", System.nanoTime());
    System.out.println("seed " + seed);
    return new SplittableRandom(seed);
  }

  private void killAndCompare(int kills, SplittableRandom random) throws Exception {
    Path run = Files.createTempDirectory(folder, "run");
    Path alone = run.resolve("alone");
    Path killed = run.resolve("killed");
    Child.main(alone.toString(), "2");
    for (int kill = 0; kill < kills; kill++) {
      int threads = 1 + kill % 2;
      boolean early = random.nextInt(4) == 0; // before or while it starts
      kill(killed, threads, random.nextInt(early ? 700 : 250), early);
      for (Path left : AtomicDirectory.numbered(killed.resolve("checkpoints"), "step-")) {
        AtomicDirectory.verify(left);
      }
    }
    assertEquals(0, start(killed, 1).waitFor());
    assertEquals(comparable(alone), comparable(killed));
  }

  /// All files; whatever a killed process left behind is gone by the end.
  private static Map<String, Integer> comparable(Path out) throws IOException {
    var files = new TreeMap<>(TinyText.bytes(out));
    assertTrue(files.containsKey("last/model.safetensors"), files.keySet().toString());
    assertTrue(files.containsKey("checkpoints/step-" + STEPS + "/optimizer.safetensors"));
    return files;
  }

  private static void kill(Path out, int threads, int millis, boolean early) throws Exception {
    Process child = start(out, threads);
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

  private static Process start(Path out, int threads) throws IOException {
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
        Trainer.of(text)
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
            .freeze("encoder.*")
            .unfreeze(20, "encoder.block.1.*")
            .saveEvery(3)
            .evaluateEvery(7)
            .resume()
            .listener(
                new TrainingListener() {
                  @Override
                  public void stepped(StepReport report) {
                    if (args.length > 2) {
                      System.out.println(report.step());
                    }
                  }
                })
            .run(Path.of(args[0]));
      }
    }
  }
}
