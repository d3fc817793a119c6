package dev.quintet.models.verify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.core.io.SafetensorsFile;
import dev.quintet.core.io.SafetensorsType;
import dev.quintet.core.shape.Device;
import dev.quintet.models.GoldenFolders;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("deferred")
class VerificationTest {
  @TempDir Path temporary;

  @ParameterizedTest
  @ValueSource(strings = {"t5-v1.0", "t5-v1.1"})
  void everyRecordedQuantityIsWithinItsTolerance(String folder) {
    Verification found = verify(GoldenFolders.of(folder));
    assertTrue(found.passed(), found.table());
    assertEquals(0, found.count(Outcome.FAIL), found.table());
    assertTrue(
        found.rows().stream().anyMatch(r -> r.quantity().startsWith("generation: 51 cases")),
        found.table());
  }

  @ParameterizedTest
  @ValueSource(strings = {"t5-v1.0", "t5-v1.1"})
  void bfloat16IsAsNearAsItsRounding(String folder) {
    Verification found = narrow(GoldenFolders.of(folder));
    assertTrue(found.passed(), found.table());
    assertEquals(8, found.count(Outcome.PASS), found.table());
  }

  @Test
  void inBfloat16AGradientOfTheWrongSizeFails() throws IOException {
    Path copy = copy(GoldenFolders.of("t5-v1.1"));
    String name = "short.grad.lm_head.weight";
    scale(copy.resolve("forward_backward.safetensors"), name, 1.5f);
    Verification found = narrow(copy);
    assertFalse(found.passed(), found.table());
    assertTrue(
        found.rows().stream()
            .anyMatch(r -> r.quantity().equals(name) && r.outcome() == Outcome.FAIL),
        found.table());
  }

  private static Verification narrow(Path folder) {
    var golden = new Golden(folder, Device.cpu());
    return new Verification(
        Verification.narrow().stream().flatMap(check -> check.run(golden).stream()).toList());
  }

  @Test
  void aGradientChangedByAThousandthFails() throws IOException {
    Path copy = copy(GoldenFolders.of("t5-v1.0"));
    Path file = copy.resolve("forward_backward.safetensors");
    String name = "short.grad.decoder.block.1.layer.2.DenseReluDense.wi.weight";
    scale(file, name, 1.001f);
    Verification found = verify(copy);
    assertFalse(found.passed(), found.table());
    assertTrue(
        found.rows().stream()
            .anyMatch(r -> r.quantity().equals(name) && r.outcome() == Outcome.FAIL),
        found.table());
  }

  @Test
  void namesWhatItCannotCheck() throws IOException {
    Path copy = copy(GoldenFolders.of("t5-v1.0"));
    Files.delete(copy.resolve("forward_backward.safetensors"));
    Files.delete(copy.resolve("generation.json"));
    Files.writeString(copy.resolve("training.json"), "{}");
    Verification found = verify(copy);
    assertFalse(found.passed(), "nothing ran, so nothing passed");
    assertEquals("training.json", found.rows().getFirst().quantity());
    assertEquals(Outcome.UNSUPPORTED, found.rows().getFirst().outcome());
  }

  @Test
  void aValueThatIsNoNumberFails() {
    assertEquals(
        Outcome.FAIL,
        Comparison.of("x", new float[] {1, 2}, new float[] {1, Float.NaN}, 1).outcome());
  }

  private static Verification verify(Path folder) {
    return Verification.of(folder, Device.cpu(), Verification.checks());
  }

  private Path copy(Path folder) throws IOException {
    Path target = temporary.resolve("copy");
    Files.createDirectory(target);
    try (var files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Files.copy(file, target.resolve(file.getFileName().toString()));
      }
    }
    return target;
  }

  private static void scale(Path path, String name, float factor) throws IOException {
    byte[] all = Files.readAllBytes(path);
    ByteBuffer buffer = ByteBuffer.wrap(all).order(ByteOrder.LITTLE_ENDIAN);
    try (var file = SafetensorsFile.open(path)) {
      assertEquals(SafetensorsType.F32, file.entry(name).type());
      long start = file.entry(name).offset();
      for (long at = start; at < start + file.entry(name).bytes(); at += 4) {
        buffer.putFloat((int) at, buffer.getFloat((int) at) * factor);
      }
    }
    Files.write(path, all);
  }
}
