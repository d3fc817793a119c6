package dev.quintet.trainer.rows;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.trainer.data.MalformedDataException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TemplateTest {
  private final Row row =
      new Row(
          new LinkedHashMap<>(
              Map.of("q", Cell.of("who?"), "answers.text", new Cell(List.of("I", "you"), true))),
          Path.of("f.jsonl"),
          7);

  @Test
  void columnsStandInBracesAndTwoBracesForOne() {
    assertEquals(
        "question: who? {x} I, you} who?",
        Template.of("question: {q} {{x}} {answers.text}} {q}").text(row));
    assertEquals("{q}", Template.of("{{q}").text(row));
    assertEquals("", Template.of("").text(row));
    assertEquals("a{b", Template.column("a{b").columns().getFirst());
  }

  @Test
  void aMissingColumnIsNamedWithTheRow() {
    var e = assertThrows(MalformedDataException.class, () -> Template.of("{r}").text(row));
    assertTrue(e.getMessage().startsWith("f.jsonl, line 7: has no column \"r\""), e.getMessage());
  }

  @ParameterizedTest
  @ValueSource(strings = {"{", "{}", "{ }", "a {b", "{a{b}}"})
  void aBraceThatHoldsNoNameIsRefused(String template) {
    assertThrows(IllegalArgumentException.class, () -> Template.of(template));
  }
}
