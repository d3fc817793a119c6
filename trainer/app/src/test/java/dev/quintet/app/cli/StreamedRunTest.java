package dev.quintet.app.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.models.text.TextToText;
import dev.quintet.trainer.TinyText;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StreamedRunTest {
  @TempDir Path folder;

  @Test
  void aStreamedRunThatIsKilledAndResumedHasTheBytesOfOneLeftAlone() throws Exception {
    try (TextToText text = TinyText.model(0.1f, 1)) {
      text.save(folder.resolve("model"));
    }
    TinyText.jsonl(folder.resolve("rows.jsonl"), 150, 1);
    assertEquals(0, run("train", "--config", config("alone")));
    String config = config("killed");
    Process child = OwnProcess.start("train", "--config", config);
    Path saved = folder.resolve("killed/checkpoints");
    for (int i = 0; i < 2400 && child.isAlive() && !isSaved(saved); i++) {
      child.waitFor(20, TimeUnit.MILLISECONDS);
    }
    child.destroyForcibly().waitFor();
    assertTrue(isSaved(saved), "it was killed before a checkpoint");
    assertTrue(Files.notExists(folder.resolve("killed/last")), "it was not killed in time");
    assertEquals(0, run("train", "--config", config, "--resume"));
    assertEquals(bytes("alone"), bytes("killed"));
  }

  private static boolean isSaved(Path checkpoints) throws IOException {
    if (!Files.isDirectory(checkpoints)) {
      return false;
    }
    try (var inside = Files.list(checkpoints)) {
      return inside.anyMatch(one -> one.getFileName().toString().matches("step-\\d+"));
    }
  }

  /// What was prepared, the models, the last checkpoint and the answers; the rest holds times.
  private Map<String, Integer> bytes(String run) throws IOException {
    var files = new TreeMap<>(TinyText.bytes(folder.resolve(run)));
    files
        .keySet()
        .removeIf(name ->
            !name.matches("(data|best|last|checkpoints/step-40)/.*|predictions-test.*|test.json"));
    assertTrue(files.keySet().stream().anyMatch(name -> name.startsWith("checkpoints/step-40")));
    assertTrue(files.containsKey("data/train.jsonl") && files.containsKey("test.json"));
    return files;
  }

  private String config(String out) throws IOException {
    return Files.writeString(
            folder.resolve(out + ".json"),
            """
            {"model": "%1$s/model", "out": "%1$s/%2$s", "steps": 40, "batch_size": 4, "save_every": 4, "evaluate_every": 40,
             "max_source": 24, "max_target": 8, "evaluate": {"metrics": ["exact"]},
             "data": {"files": "%1$s/rows.jsonl", "source": "question", "target": "answer", "stream": true,
                      "shuffle_buffer": 30}}
            """
                .formatted(folder, out))
        .toString();
  }

  private static int run(String... arguments) {
    return Main.commands()
        .setOut(new PrintWriter(new StringWriter()))
        .setErr(new PrintWriter(new StringWriter()))
        .execute(arguments);
  }
}
