package dev.quintet.trainer.search;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.models.json.JsonObject;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SpaceTest {

  private static Space space(String text) {
    return Space.of(JsonObject.parse("space.json", text));
  }

  @Test
  void parametersExistWhereTheirConditionsHoldAllTheWayUp() {
    Space space =
        space(
            """
            {"c": {"uniform": [0, 1], "when": {"b": [2, 3]}},
             "b": {"integer": [1, 3], "when": {"a": true}}, "a": {"choice": [true, false]}}
            """);
    assertEquals(Map.of("c", 0.5, "b", 3L, "a", true), space.at(new double[] {0.5, 0.9, 0}));
    assertEquals(Map.of("b", 1L, "a", true), space.at(new double[] {0.5, 0.1, 0}));
    assertEquals(Map.of("a", false), space.at(new double[] {0.5, 0.9, 1}));
  }

  @Test
  void valuesHaveThePlaceThatGivesThem() {
    Space space =
        space(
            """
            {"u": {"uniform": [-2, 3]}, "l": {"log_uniform": [1e-5, 10]}, "i": {"integer": [-3, 4]},
             "j": {"log_integer": [1, 512]}, "c": {"choice": ["x", 1.5, false]},
             "q": {"quantized": [0, 1, 0.3]}, "w": {"quantized": [0, 1000, 100]}}
            """);
    for (int i = 0; i < 200; i++) {
      double[] units = RandomSampler.units(1, i, space.dimensions());
      var values = space.at(units);
      double[] back = space.units(values);
      assertArrayEquals(back, space.units(space.at(back)), 1e-12);
      assertEquals(values.get("c"), space.at(back).get("c"));
      assertTrue(values.get("w") instanceof Long, values.toString());
    }
    assertEquals(0.9, space.at(new double[] {0, 0, 0, 0, 0, 1, 0}).get("q"));
  }

  @Test
  void whatIsWrongIsNamed() {
    refused("{}", "at least one parameter");
    refused("{\"rate\": {\"loguniform\": [1, 2]}}", "\"rate\"", "did you mean \"log_uniform\"?");
    refused("{\"rate\": {\"uniform\": [2, 1]}}", "\"rate\"", "a low end and a higher one");
    refused("{\"rate\": {\"uniform\": [1]}}", "\"rate\"", "takes 2 numbers");
    refused("{\"rate\": {\"uniform\": [1, \"b\"]}}", "\"rate\"", "takes 2 numbers");
    refused("{\"rate\": {\"log_uniform\": [0, 1]}}", "\"rate\"", "above 0");
    refused("{\"n\": {\"integer\": [1, 2.5]}}", "\"n\"", "whole numbers");
    refused("{\"n\": {\"quantized\": [0, 1, 2]}}", "\"n\"", "a step that fits");
    refused("{\"n\": {\"choice\": []}}", "\"n\"", "\"choice\" takes values");
    refused("{\"n\": {\"choice\": [1, 1]}}", "\"n\"", "each of them once");
    refused("{\"n\": 3}", "\"n\"");
    String a = "\"a\": {\"choice\": [1, 2]}";
    refused("{" + a + ", \"b\": {\"uniform\": [0, 1], \"when\": {\"x\": 1}}}", "\"b\"", "\"x\"");
    refused(
        "{" + a + ", \"b\": {\"uniform\": [0, 1], \"when\": {\"a\": 3}}}", "\"b\"", "never hold");
    refused(
        "{\"a\": {\"choice\": [1, 2], \"when\": {\"b\": 1}}, \"b\": {\"choice\": [1, 2], \"when\": {\"a\": 1}}}",
        "\"a\"",
        "depends on itself");
  }

  private static void refused(String text, String... words) {
    var refused = assertThrows(IllegalArgumentException.class, () -> space(text), text);
    for (String word : words) {
      assertTrue(refused.getMessage().contains(word), refused.getMessage());
    }
  }

  @Test
  void aGridNeedsAnEndOfValues() {
    var refused =
        assertThrows(
            IllegalArgumentException.class, () -> space("{\"r\": {\"uniform\": [0, 1]}}").grid());
    assertTrue(refused.getMessage().contains("\"r\""), refused.getMessage());
  }
}
