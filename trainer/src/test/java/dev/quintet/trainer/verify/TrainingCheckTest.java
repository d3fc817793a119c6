package dev.quintet.trainer.verify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.core.shape.Device;
import dev.quintet.models.verify.Comparison;
import dev.quintet.models.verify.Golden;
import dev.quintet.models.verify.Outcome;
import dev.quintet.models.verify.Verification;
import dev.quintet.trainer.GoldenFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TrainingCheckTest {
  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"t5-v1.0", "t5-v1.1"})
  void trajectoriesWithAdamWAreTheRecordedOnes(String name) throws IOException {
    GoldenFolder.copy(name, folder);
    List<Comparison> rows = new TrainingCheck().run(new Golden(folder, Device.cpu()));
    for (Comparison row : rows) {
      boolean adafactor = row.quantity().contains("adafactor");
      assertEquals(adafactor ? Outcome.UNSUPPORTED : Outcome.PASS, row.outcome(), row.toString());
    }
    assertEquals(8, rows.size());
    assertTrue(rows.stream().anyMatch(row -> row.quantity().endsWith("frozen, unchanged")));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"lr\": 0.003 -> \"lr\": 0.00301",
        "\"weight_decay\": 0.1 -> \"weight_decay\": 0.09",
        "\"clip_grad_norm\": 1.0 -> \"clip_grad_norm\": 100.0",
        "6.319788932800293 -> 6.3199",
        "\"eps\": 1e-08 -> \"eps\": 1e-06"
      })
  void aTrajectoryOfOtherSettingsFails(String change) throws IOException {
    GoldenFolder.copy("t5-v1.0", folder);
    Path file = folder.resolve("training.json");
    String text = Files.readString(file);
    String[] words = change.split(" -> ");
    assertTrue(text.contains(words[0]), words[0]);
    Files.writeString(file, text.replace(words[0], words[1]));
    assertTrue(
        new TrainingCheck()
            .run(new Golden(folder, Device.cpu())).stream()
                .anyMatch(row -> row.outcome() == Outcome.FAIL));
  }

  @Test
  void aFolderWithoutRecordingsPassesNothing() throws IOException {
    GoldenFolder.copy("t5-v1.0", folder);
    Files.delete(folder.resolve("training.safetensors"));
    var verification = Verification.of(folder, Device.cpu(), List.of(new TrainingCheck()));
    assertFalse(verification.passed());
  }
}
