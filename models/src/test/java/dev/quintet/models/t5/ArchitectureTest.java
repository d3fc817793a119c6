package dev.quintet.models.t5;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.core.nn.ParameterSource;
import dev.quintet.core.shape.Device;
import dev.quintet.core.tensor.Parameter;
import dev.quintet.models.TinyModels;
import dev.quintet.models.json.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ArchitectureTest {
  private static final String DECODER = "decoder.block.0.layer.0.layer_norm.weight";

  @Test
  void isWhatTheConfigurationNames() {
    Set<String> both = Set.of("shared.weight", DECODER);
    assertEquals(Architecture.GENERATION, Architecture.of(List.of(), both));
    assertEquals(Architecture.GENERATION, Architecture.of(List.of("T5WithLMHeadModel"), both));
    assertEquals(Architecture.ENCODER_DECODER, Architecture.of(List.of("UMT5Model"), both));
    assertEquals(Architecture.ENCODER, Architecture.of(List.of("MT5EncoderModel"), both));
    var e =
        assertThrows(
            IllegalArgumentException.class, () -> Architecture.of(List.of("BartModel"), both));
    assertTrue(e.getMessage().contains("T5EncoderModel"), e.getMessage());
  }

  @Test
  void isAnEncoderWhereNoDecoderIsStored() {
    List<String> claimed = List.of("T5ForConditionalGeneration");
    assertEquals(Architecture.ENCODER, Architecture.of(claimed, Set.of("shared.weight")));
    assertEquals(Architecture.ENCODER, Architecture.of(List.of(), Set.of("shared.weight")));
  }

  @Test
  void isTheTaskWhoseHeadIsStored() {
    assertEquals(
        Architecture.SEQUENCE_CLASSIFICATION,
        Architecture.of(
            List.of(), Set.of("transformer." + DECODER, "classification_head.dense.bias")));
    assertEquals(
        Architecture.TOKEN_CLASSIFICATION, Architecture.of(List.of(), Set.of("classifier.bias")));
    assertEquals(
        Architecture.QUESTION_ANSWERING,
        Architecture.of(List.of(), Set.of(DECODER, "qa_outputs.weight")));
  }

  @ParameterizedTest
  @EnumSource
  void buildsWhatItsFileSays(Architecture architecture) {
    T5Config config = TinyModels.v11(50);
    TaskHead head = TaskHead.of("no", "yes").withProblem(TaskHead.Problem.SINGLE_LABEL);
    ParameterSource source = (name, shape) -> Parameter.full(shape, 0, Device.cpu());
    try (T5Family model = architecture.build(config, head, source)) {
      assertEquals(architecture, model.architecture());
      T5ConfigFile file = T5ConfigFile.of(T5ConfigFile.write(model));
      assertEquals(architecture, file.architecture(model.parameters().keySet()));
      if (architecture.hasTaskHead()) {
        assertEquals(head, file.task());
        assertEquals(head, model.task());
      }
      assertEquals(
          architecture.hasDecoder(),
          model.parameters().containsKey(architecture.prefix() + DECODER));
      assertTrue(model.parameters().containsKey(architecture.prefix() + "shared.weight"));
    }
  }

  @Test
  void readsTheHeadOfATask() {
    assertEquals(TaskHead.DEFAULT, TaskHead.of(JsonObject.of(Map.of())));
    assertEquals(TaskHead.of(5), TaskHead.of(JsonObject.of(Map.of("num_labels", 5L))));
    TaskHead read =
        TaskHead.of(
            JsonObject.of(
                Map.of(
                    "id2label",
                    JsonObject.of(Map.of("0", "a", "1", "b", "2", "c")),
                    "classifier_dropout",
                    0.5,
                    "problem_type",
                    "multi_label_classification")));
    assertEquals(
        new TaskHead(List.of("a", "b", "c"), 0.5f, Optional.of(TaskHead.Problem.MULTI_LABEL)),
        read);
  }

  @Test
  void namesTheKeyOfAHeadThatCannotBe() {
    refuses("id2label", Map.of("id2label", JsonObject.of(Map.of("1", "a"))));
    refuses("id2label", Map.of("id2label", JsonObject.of(Map.of("x", "a"))));
    refuses("num_labels", Map.of("id2label", JsonObject.of(Map.of("0", "a")), "num_labels", 2L));
    refuses("problem_type", Map.of("problem_type", "guessing"));
    refuses("classifier_dropout", Map.of("classifier_dropout", 1.0));
    refuses(
        "single_label", Map.of("num_labels", 1L, "problem_type", "single_label_classification"));
  }

  private static void refuses(String key, Map<String, Object> keys) {
    var e = assertThrows(IllegalArgumentException.class, () -> TaskHead.of(JsonObject.of(keys)));
    assertTrue(e.getMessage().contains(key), e.getMessage());
  }
}
