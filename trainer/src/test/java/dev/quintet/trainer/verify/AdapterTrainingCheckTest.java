package dev.quintet.trainer.verify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.core.shape.Device;
import dev.quintet.models.verify.Comparison;
import dev.quintet.models.verify.Golden;
import dev.quintet.models.verify.Outcome;
import dev.quintet.trainer.GoldenFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AdapterTrainingCheckTest {
  @TempDir Path temporary;

  private List<Comparison> rows(String method, String before, String after) throws IOException {
    Path base = Files.createDirectory(temporary.resolve("t5-v1.0"));
    GoldenFolder.copy("t5-v1.0", base);
    Path folder = Files.createDirectory(temporary.resolve(method));
    Path given = GoldenFolder.PROJECT.resolve("models/src/test/resources/golden/peft");
    try (var files = Files.list(given.resolve(method))) {
      for (Path file : files.toList()) {
        Files.copy(file, folder.resolve(file.getFileName().toString()));
      }
    }
    Path settings = folder.resolve("adapter_training.json");
    String text = Files.readString(settings);
    assertTrue(text.contains(before), before);
    Files.writeString(settings, text.replace(before, after));
    return new AdapterTrainingCheck().run(new Golden(folder, Device.cpu(), base));
  }

  private static void assertPasses(List<Comparison> rows) {
    assertTrue(
        rows.size() >= 3 && rows.stream().allMatch(row -> row.outcome() == Outcome.PASS),
        rows.toString());
  }

  @Test
  void aTrainingHoldsWhatTheMethodAddsToTheLoss() throws IOException {
    assertPasses(rows("adalora", "losses", "losses"));
  }

  @Test
  void whereAReluIsWithinRoundingOfZeroEitherSideIsRight() throws IOException {
    List<Comparison> rows = rows("lora-all-rs", "losses", "losses");
    assertPasses(rows);
    assertEquals(
        "training: 12 losses; ReLU inputs within rounding of 0, other side: 1",
        rows.getFirst().quantity());
  }

  @Test
  void aChangedLossFails() throws IOException {
    List<Comparison> rows = rows("adalora", "6.562129020690918", "6.562329020690918");
    assertEquals(Outcome.FAIL, rows.getFirst().outcome());
  }
}
