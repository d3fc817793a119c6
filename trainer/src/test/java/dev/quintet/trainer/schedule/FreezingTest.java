package dev.quintet.trainer.schedule;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.core.shape.Device;
import dev.quintet.models.t5.T5;
import dev.quintet.trainer.TinyText;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class FreezingTest {
  private final T5 model = T5.create(TinyText.config(0), 1, Device.cpu());

  @AfterEach
  void close() {
    model.close();
  }

  @Test
  void everythingButOneBlockIsFrozenFromTheStart() {
    var freezing =
        new Freezing(List.of("*"), new TreeMap<>(Map.of(0L, List.of("decoder.block.1.*"))));
    freezing.apply(model, 0);
    assertFalse(trained().isEmpty());
    assertTrue(trained().stream().allMatch(name -> name.startsWith("decoder.block.1.")));
    assertEquals(Freezing.allBut("decoder.block.1.*"), freezing);
  }

  @Test
  void patternsThawFromTheirStepOn() {
    var freezing =
        new Freezing(
            List.of("encoder.*", "decoder.*"),
            new TreeMap<>(Map.of(5L, List.of("encoder.0-1"), 9L, List.of("decoder.*"))));
    freezing.apply(model, 0);
    assertEquals(List.of("shared.weight"), List.copyOf(trained()));
    freezing.apply(model, 4);
    assertEquals(List.of("shared.weight"), List.copyOf(trained()));
    freezing.apply(model, 5);
    assertTrue(trained().contains("encoder.block.1.layer.0.SelfAttention.q.weight"));
    assertFalse(trained().contains("encoder.final_layer_norm.weight"));
    assertTrue(trained().stream().noneMatch(name -> name.startsWith("decoder.")));
    freezing.apply(model, 9);
    assertTrue(trained().contains("decoder.final_layer_norm.weight"));
    assertTrue(freezing.changesAt(5));
    assertFalse(freezing.changesAt(6));
  }

  @Test
  void theEncodersPatternDoesNotTouchTheSharedMatrixAndTheHeadMeansIt() {
    Freezing.of("encoder.*").apply(model, 0);
    assertTrue(trained().contains("shared.weight"));
    Freezing.of("lm_head.*").apply(model, 0);
    assertFalse(trained().contains("shared.weight"));
  }

  @Test
  void withoutPatternsTheModelStaysAsItsOwnerFrozeIt() {
    model.freeze("*").train("decoder.final_layer_norm.weight");
    Freezing.NONE.apply(model, 0);
    assertEquals(List.of("decoder.final_layer_norm.weight"), List.copyOf(trained()));
  }

  @Test
  void aPatternOfALaterStepThatMatchesNothingIsFoundAtOnce() {
    var freezing =
        new Freezing(List.of(), new TreeMap<>(Map.of(1000L, List.of("decoder.blok.1.*"))));
    var e = assertThrows(IllegalArgumentException.class, () -> freezing.check(model));
    assertTrue(e.getMessage().contains("decoder.block.1"), e.getMessage());
    assertEquals(model.parameters().size(), trained().size());
  }

  private TreeSet<String> trained() {
    var names = new TreeSet<String>();
    model
        .parameters()
        .forEach((name, parameter) -> {
          if (parameter.trains()) {
            names.add(name);
          }
        });
    return names;
  }
}
