package dev.quintet.trainer.optim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.models.text.TextToText;
import dev.quintet.trainer.TinyText;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LayerRatesTest {

  @Test
  void aPatternThatMatchesNothingNamesItsKey() {
    try (TextToText text = TinyText.model(0, 1)) {
      var e =
          assertThrows(
              IllegalArgumentException.class,
              () ->
                  LayerRates.matching(
                      text.model(), new LinkedHashMap<>(Map.of("encoders.*", 0.5))));
      assertTrue(String.valueOf(e.getMessage()).startsWith("\"rates\": the pattern 'encoders.*'"));
    }
  }

  @Test
  void blocksDecayFromTheLastOneDownAndTheEmbeddingMost() {
    Map<String, Double> rates =
        LayerRates.decayed(
            List.of(
                "shared.weight",
                "encoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight",
                "encoder.block.2.layer.0.layer_norm.weight",
                "encoder.final_layer_norm.weight",
                "decoder.block.0.layer.0.SelfAttention.q.weight",
                "decoder.block.1.layer.2.DenseReluDense.wo.weight",
                "lm_head.weight"),
            0.5);
    assertEquals(
        Map.of(
            "shared.weight", 0.125,
            "encoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight", 0.25,
            "encoder.block.2.layer.0.layer_norm.weight", 1.0,
            "decoder.block.0.layer.0.SelfAttention.q.weight", 0.5,
            "decoder.block.1.layer.2.DenseReluDense.wo.weight", 1.0),
        rates);
    assertThrows(IllegalArgumentException.class, () -> LayerRates.decayed(List.of(), 0));
    assertThrows(IllegalArgumentException.class, () -> LayerRates.decayed(List.of(), 1.5));
  }

  @Test
  void theLastPatternThatMatchesCountsAndMultiplies() {
    try (TextToText text = TinyText.model(0, 1)) {
      var patterns = new LinkedHashMap<String, Double>();
      patterns.put("*", 0.5);
      patterns.put("decoder.1", 4.0);
      Map<String, Double> rates = LayerRates.matching(text.model(), patterns);
      String last = "decoder.block.1.layer.0.SelfAttention.q.weight";
      String first = "decoder.block.0.layer.0.SelfAttention.q.weight";
      assertEquals(4.0, rates.get(last));
      assertEquals(0.5, rates.get(first));
      Map<String, Double> both = LayerRates.product(rates, LayerRates.decayed(rates.keySet(), 0.1));
      assertEquals(4.0, both.get(last));
      assertEquals(0.05, both.get(first), 1e-15);
      assertEquals(0.005, both.get("shared.weight"), 1e-15);
      patterns.put("no.such.*", 1.0);
      assertThrows(
          IllegalArgumentException.class, () -> LayerRates.matching(text.model(), patterns));
    }
  }
}
