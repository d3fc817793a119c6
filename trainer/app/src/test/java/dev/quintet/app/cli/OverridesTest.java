package dev.quintet.app.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.models.json.JsonObject;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OverridesTest {
  private static final JsonObject FILE =
      JsonObject.parse(
          "c.json",
          """
          {"out": "out", "epochs": 3, "config": {"d_model": 64}, "optimizer": "adamw",
           "unfreeze": {"5": ["encoder.*"]}}\
          """);

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "learning_rate=3e-4          | learning_rate | 3.0E-4",
        "out=other folder            | out           | other folder",
        "out=                        | out           | ''",
        "target_field=a=b            | target_field  | a=b",
        "freeze=[\"encoder.*\"]      | freeze        | [encoder.*]",
        "checkpointing=true          | checkpointing | true",
        "out={                       | out           | {",
        "out=null                    | out           | nothing"
      })
  void aValueIsJsonOrElseText(String given, String key, String value) {
    assertEquals(
        value,
        Overrides.set(FILE, List.of(given)).value(key).map(String::valueOf).orElse("nothing"));
  }

  @Test
  void aDotLeadsIntoAnObjectWhoseOtherKeysStay() {
    JsonObject set =
        Overrides.set(
            FILE,
            List.of(
                "config.d_ff=128",
                "optimizer.eps=1e-8",
                "unfreeze.7=[\"shared.*\"]",
                "config.d_model=32"));
    JsonObject config = set.object("config").orElseThrow();
    assertEquals(32, config.integer("d_model").orElseThrow());
    assertEquals(128, config.integer("d_ff").orElseThrow());
    JsonObject optimizer = set.object("optimizer").orElseThrow();
    assertEquals("adamw", optimizer.string("name").orElseThrow());
    assertEquals(1e-8, optimizer.number("eps").orElseThrow());
    assertEquals(2, set.object("unfreeze").orElseThrow().keys().size());
  }

  @Test
  void aNameOrANumberThatStandsForAnObjectIsKeptWhereSomethingIsSetInIt() {
    JsonObject set =
        Overrides.set(
            FILE,
            List.of(
                "schedule=cosine_with_restarts",
                "schedule.num_cycles=2",
                "ema=0.9",
                "ema.warmup=true",
                "warm_start=run",
                "warm_start.moments=true"));
    JsonObject schedule = set.object("schedule").orElseThrow();
    assertEquals("cosine_with_restarts", schedule.string("name").orElseThrow());
    assertEquals(0.9, set.object("ema").orElseThrow().number("decay").orElseThrow());
    assertEquals("run", set.object("warm_start").orElseThrow().string("run").orElseThrow());
  }

  @Test
  void ofKeysThatExcludeEachOtherTheOneThatIsSetStays() {
    JsonObject set = Overrides.set(FILE, List.of("steps=5", "model=t5"));
    assertEquals(5, set.integer("steps").orElseThrow());
    assertTrue(!set.has("epochs") && !set.has("config"), set.toString());
  }

  @ParameterizedTest
  @CsvSource({
    "lr=1,             did you mean \"learning_rate\"?",
    "=1,               key=value",
    "steps,            key=value",
    "epochs.x=1,       not an object",
    "config..d_ff=1,   is empty"
  })
  void whatCannotBeSetIsRefusedWithAHint(String given, String message) {
    var e =
        assertThrows(
            IllegalArgumentException.class, () -> Overrides.set(FILE, List.of(given)), given);
    assertTrue(String.valueOf(e.getMessage()).contains(message), e.getMessage());
  }

  @Test
  void anObjectOfAnotherNameReplacesTheWholeObject() {
    JsonObject base =
        JsonObject.parse("r", "{\"optimizer\": {\"name\": \"adafactor\", \"beta1\": 0.5}}");
    JsonObject over =
        Overrides.over(base, JsonObject.parse("c", "{\"optimizer\": {\"name\": \"adamw\"}}"));
    assertTrue(!over.object("optimizer").orElseThrow().has("beta1"), over.toString());
    over = Overrides.over(base, JsonObject.parse("c", "{\"optimizer\": {\"beta1\": 0.9}}"));
    assertEquals("adafactor", over.object("optimizer").orElseThrow().string("name").orElseThrow());
  }
}
