package dev.quintet.models.verify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.core.io.SafetensorsFile;
import dev.quintet.core.shape.Device;
import dev.quintet.models.GoldenFolders;
import dev.quintet.models.adapt.AdapterBase;
import dev.quintet.models.adapt.method.AdapterException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AdapterVerificationTest {
  private static final Path BASE = GoldenFolders.of("t5-v1.0");
  private static final Path PEFT = BASE.resolveSibling("peft");

  @TempDir Path temporary;

  private static Verification verify(Path folder, Optional<Path> base) {
    return Verification.of(Golden.of(folder, Device.cpu(), base), Verification.checks());
  }

  @ParameterizedTest
  @ValueSource(strings = {"adalora", "dora", "ia3", "ln", "lora-all-rs", "prefix", "prompt"})
  void everyRecordedQuantityIsWithinItsTolerance(String method) {
    Verification found = verify(PEFT.resolve(method), Optional.empty());
    assertTrue(found.passed(), found.table());
    assertEquals(0, found.count(Outcome.UNSUPPORTED), found.table());
  }

  @ParameterizedTest
  @CsvSource({
    "forward.safetensors, logits",
    "forward.safetensors, loss",
    "adapter_model.safetensors, base_model.model.decoder.block.0.layer.0.SelfAttention.q.lora_A.weight",
    "adapter_training.safetensors, grad.decoder.block.1.layer.1.EncDecAttention.v.lora_B.weight",
    "adapter_training.safetensors, merged.encoder.block.0.layer.0.SelfAttention.v.weight"
  })
  void aChangedNumberFails(String file, String tensor) throws IOException {
    Path copy = copy("lora");
    change(copy.resolve(file), tensor);
    Verification found = verify(copy, Optional.of(BASE));
    assertFalse(found.passed(), found.table());
    assertTrue(found.count(Outcome.FAIL) > 0, found.table());
  }

  @ParameterizedTest
  @CsvSource({
    "'\"count\": 6144,','\"count\": 6145,'",
    "'\n   0,','\n   5,'",
    "'   64\n','   65\n'"
  })
  void aChangedCountIdOrShapeFails(String before, String after) throws IOException {
    Path copy = copy("lora");
    Path file = copy.resolve("adapter_training.json");
    String text = Files.readString(file);
    int at = text.indexOf(before);
    assertTrue(at > 0, before);
    Files.writeString(file, text.substring(0, at) + after + text.substring(at + before.length()));
    Verification found = verify(copy, Optional.of(BASE));
    assertTrue(found.count(Outcome.FAIL) > 0, found.table());
  }

  @Test
  void aRecordingThatLostAFileFailsAndOneThatIsForwardAloneSaysWhatIsNotRecorded()
      throws IOException {
    Path copy = copy("lora");
    Files.delete(copy.resolve("adapter_training.json"));
    Verification found = verify(copy, Optional.of(BASE));
    assertTrue(found.count(Outcome.FAIL) > 0, found.table());
    Files.delete(copy.resolve("adapter_training.safetensors"));
    found = verify(copy, Optional.of(BASE));
    assertTrue(found.passed(), found.table());
    assertEquals(1, found.count(Outcome.NOT_RECORDED), found.table());
  }

  @Test
  void theBaseIsTheFolderOfItsNameBesideTheNearestAncestor() throws IOException {
    assertEquals(
        BASE.toRealPath(), AdapterBase.find(PEFT.resolve("lora")).orElseThrow().toRealPath());
    var e = assertThrows(AdapterException.class, () -> verify(copy("lora"), Optional.empty()));
    assertTrue(e.getMessage().contains("is for the model t5-v1.0"), e.getMessage());
    assertTrue(e.getMessage().contains("--base DIR"), e.getMessage());
    e = assertThrows(AdapterException.class, () -> verify(BASE, Optional.of(BASE)));
    assertTrue(e.getMessage().contains("holds no adapter"), e.getMessage());
  }

  private Path copy(String method) throws IOException {
    Path target = Files.createDirectory(temporary.resolve(method));
    try (var files = Files.list(PEFT.resolve(method))) {
      for (Path file : files.toList()) {
        Files.copy(file, target.resolve(file.getFileName().toString()));
      }
    }
    return target;
  }

  /// Adds a half of its largest magnitude to a tensor's first number.
  private static void change(Path path, String name) throws IOException {
    byte[] all = Files.readAllBytes(path);
    ByteBuffer buffer = ByteBuffer.wrap(all).order(ByteOrder.LITTLE_ENDIAN);
    try (var file = SafetensorsFile.open(path)) {
      float most = 0;
      for (float value : file.floats(name)) {
        most = Math.max(most, Math.abs(value));
      }
      int start = Math.toIntExact(file.entry(name).offset());
      buffer.putFloat(start, buffer.getFloat(start) + most / 2);
    }
    Files.write(path, all);
  }
}
