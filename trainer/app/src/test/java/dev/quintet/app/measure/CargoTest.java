package dev.quintet.app.measure;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.core.shape.Device;
import dev.quintet.models.json.JsonObject;
import dev.quintet.models.verify.Verification;
import dev.quintet.trainer.verify.TrainingCheck;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CargoTest {

  @Test
  void aRecordedModelIsPackedWithOneTrainingAndWithoutWhatItEndedIn(@TempDir Path folder)
      throws Exception {
    Path recorded = Files.createDirectory(folder.resolve("t5-v1.0"));
    for (String module : List.of("models", "trainer")) {
      Path golden = Path.of("..", "..", module, "src", "test", "resources", "golden", "t5-v1.0");
      try (var files = Files.list(golden)) {
        for (Path file : files.toList()) {
          Files.copy(file, recorded.resolve(file.getFileName()));
        }
      }
    }
    Path packed = folder.resolve("packed");
    Cargo.recorded(recorded, packed);
    assertEquals(Set.of("adamw"), JsonObject.read(packed.resolve("training.json")).keys());
    assertTrue(Files.size(packed.resolve("training.safetensors")) < 10_000);
    assertEquals(
        -1,
        Files.mismatch(recorded.resolve("model.safetensors"), packed.resolve("model.safetensors")));
    var verification = Verification.of(packed, Device.cpu(), List.of(new TrainingCheck()));
    String table = verification.table();
    assertTrue(verification.passed(), table);
    assertTrue(table.contains("training adamw: 12 losses"), table);
    assertTrue(table.contains("not recorded"), table);
    assertTrue(table.contains(" 0 failed, "), table);
  }
}
