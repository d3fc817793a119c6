package dev.quintet.models.verify;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.core.shape.Device;
import dev.quintet.models.checkpoint.Checkpoint;
import dev.quintet.models.checkpoint.LoadOptions;
import dev.quintet.models.t5.T5Family;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Every class that transformers has for T5, on tiny random models: recorded from transformers 5.18.
class VariantFoldersTest {
  @TempDir Path temporary;

  @ParameterizedTest
  @CsvSource({
    "encoder, UMT5EncoderModel, 1",
    "stacks, MT5Model, 2",
    "sequence, T5ForSequenceClassification, 3",
    "sequence-regression, T5ForSequenceClassification, 3",
    "sequence-several, UMT5ForSequenceClassification, 3",
    "tokens, MT5ForTokenClassification, 3",
    "answers, T5ForQuestionAnswering, 4",
    "generator-uneven, T5ForConditionalGeneration, 4",
  })
  void computesWhatTransformersComputes(String name, String className, int quantities) {
    Verification found = verify(folder(name));
    assertEquals(quantities, found.count(Outcome.PASS), found.table());
    assertEquals(quantities, found.rows().size(), found.table());
    try (T5Family model = load(folder(name))) {
      assertEquals(className, model.architecture().className(model.config().modelType()));
    }
  }

  @ParameterizedTest
  @CsvSource({"encoder", "stacks", "sequence-several", "tokens", "answers"})
  void whatIsSavedIsTheSameModel(String name) {
    Path copy = temporary.resolve(name);
    try (T5Family model = load(folder(name))) {
      Checkpoint.save(model, copy);
      try (T5Family again = load(copy)) {
        assertEquals(model.config(), again.config());
        assertEquals(model.task(), again.task());
        assertEquals(model.architecture(), again.architecture());
        assertEquals(model.parameters().keySet(), again.parameters().keySet());
        model
            .parameters()
            .forEach((parameter, values) ->
                assertArrayEquals(
                    values.toFloats(), again.parameters().get(parameter).toFloats(), parameter));
      }
    }
  }

  @Test
  void namesRecordingsThatTheModelCannotHave() throws IOException {
    Path copy = copy("tokens");
    Files.writeString(copy.resolve("generation.json"), "{}");
    Verification found = verify(copy);
    assertTrue(found.passed(), found.table());
    assertEquals(
        List.of("generation.json of a model for TOKEN_CLASSIFICATION"),
        found.rows().stream()
            .filter(row -> row.outcome() == Outcome.UNSUPPORTED)
            .map(Comparison::quantity)
            .toList());
  }

  @Test
  void namesWhatOfABatchItDoesNotCompute() throws IOException {
    Path copy = copy("encoder");
    // The same encoder by another class has no states of a decoder, nor a loss.
    Path recording = copy.resolve("forward_backward.safetensors");
    Files.copy(
        folder("stacks").resolve("forward_backward.safetensors"),
        recording,
        java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    Verification found = verify(copy);
    assertTrue(
        found.rows().stream()
            .anyMatch(row ->
                row.quantity().equals("short.last_hidden_state")
                    && row.outcome() == Outcome.UNSUPPORTED),
        found.table());
  }

  private static T5Family load(Path folder) {
    return Checkpoint.loadAny(folder, LoadOptions.DEFAULT);
  }

  private static Verification verify(Path folder) {
    return Verification.of(folder, Device.cpu(), Verification.checks());
  }

  private Path copy(String name) throws IOException {
    Path target = Files.createDirectory(temporary.resolve(name));
    try (var files = Files.list(folder(name))) {
      for (Path file : files.toList()) {
        Files.copy(file, target.resolve(file.getFileName().toString()));
      }
    }
    return target;
  }

  private static Path folder(String name) {
    var config = VariantFoldersTest.class.getResource("/variants/" + name + "/config.json");
    try {
      return Objects.requireNonNull(
          Path.of(Objects.requireNonNull(config, name).toURI()).getParent());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }
}
