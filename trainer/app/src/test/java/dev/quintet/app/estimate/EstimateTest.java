package dev.quintet.app.estimate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.core.instrument.Cost;
import dev.quintet.core.instrument.Dry;
import dev.quintet.core.instrument.Work;
import dev.quintet.core.shape.DType;
import dev.quintet.trainer.loop.StepWalk;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class EstimateTest {
  /// What was reckoned by hand for an H200 and T5-base v1.1, 48 x 512/128, bf16, milliseconds.
  private static final Map<String, Double> BY_HAND =
      Map.ofEntries(
          Map.entry("products", 33.1),
          Map.entry("encoder self-attention", 6.6),
          Map.entry("cross-attention", 1.65),
          Map.entry("decoder self-attention", 0.2),
          Map.entry("gates, backward", 2.0),
          Map.entry("gates", 1.2),
          Map.entry("AdamW", 2.0),
          Map.entry("norms", 1.4),
          Map.entry("norms, backward", 1.4),
          Map.entry("rest", 1.2),
          Map.entry("total", 50.6));

  private static Dry.Counts step(ModelSize size, boolean second, int rows) {
    try (var walk = new StepWalk(size.config(second), DType.BF16)) {
      walk.step(rows, 512, 128);
      return walk.step(rows, 512, 128);
    }
  }

  @Test
  void theStepOfBaseOnH200HasThePartsThatWereReckonedByHand() {
    Dry.Counts counts = step(ModelSize.BASE, true, 48);
    assertEquals(Set.of(), counts.unknown());
    Estimate step = Estimate.of(counts.costs(), SpeedTable.of(Chip.H200, ModelSize.BASE, true));
    double rest =
        step.gaps()
            + step.seconds(
                Work.LOSS,
                Work.GRADIENT_NORM,
                Work.EMBEDDING,
                Work.DROPOUT,
                Work.ELEMENTWISE,
                Work.COPY,
                Work.TRANSFER);
    var parts =
        Map.ofEntries(
            Map.entry("products", step.seconds(Work.PRODUCT)),
            Map.entry(
                "encoder self-attention",
                step.seconds(Work.BIASED_ATTENTION, Work.BIASED_ATTENTION_BACKWARD)),
            Map.entry(
                "cross-attention",
                step.seconds(Work.CROSS_ATTENTION, Work.CROSS_ATTENTION_BACKWARD)),
            Map.entry(
                "decoder self-attention",
                step.seconds(Work.CAUSAL_ATTENTION, Work.CAUSAL_ATTENTION_BACKWARD)),
            Map.entry("gates, backward", step.seconds(Work.GATE_BACKWARD)),
            Map.entry("gates", step.seconds(Work.GATE)),
            Map.entry("AdamW", step.seconds(Work.UPDATE)),
            Map.entry("norms", step.seconds(Work.NORM)),
            Map.entry("norms, backward", step.seconds(Work.NORM_BACKWARD)),
            Map.entry("rest", rest),
            Map.entry("total", step.seconds()));
    BY_HAND.forEach(
        (part, expected) -> assertEquals(expected, 1e3 * part(parts, part), 0.1 * expected, part));
  }

  private static double part(Map<String, Double> parts, String name) {
    return parts.getOrDefault(name, Double.NaN);
  }

  @ParameterizedTest
  @CsvSource({"SMALL, 16.7", "BASE, 50.6", "LARGE, 154"})
  void stepsOfAllSizesOfV11OnH200AreAsReckonedByHand(ModelSize size, double milliseconds) {
    Estimate step = Estimate.of(step(size, true, 48).costs(), SpeedTable.of(Chip.H200, size, true));
    assertEquals(milliseconds, 1e3 * step.seconds(), 0.1 * milliseconds);
  }

  @ParameterizedTest
  @EnumSource
  void nothingIsFasterThanItsFloor(ModelSize size) {
    for (boolean second : new boolean[] {false, true}) {
      for (int rows : new int[] {1, 48}) {
        Dry.Counts step = step(size, second, rows);
        DecodingWalk decoding = DecodingWalk.of(size.config(second), rows, 512, 128);
        assertEquals(Set.of(), decoding.token().unknown());
        assertEquals(Set.of(), decoding.encoding().unknown());
        for (Chip chip : Chip.values()) {
          SpeedTable table = SpeedTable.of(chip, size, second);
          for (Estimate one :
              List.of(
                  Estimate.of(step.costs(), table),
                  Estimate.of(decoding.encoding().costs(), table),
                  Estimate.ofToken(decoding.token().costs(), table))) {
            assertTrue(one.floor() > 0 && one.floor() <= one.seconds(), chip + " " + one);
          }
        }
      }
    }
  }

  /// Decoder's weights, head and keys and values of one source, by hand: 266 MB at 4.3 TB/s; 64 sources, 374 us.
  @ParameterizedTest
  @CsvSource({"1, 62", "64, 374"})
  void theFloorOfATokenIsThatOfItsBytes(int rows, double microseconds) {
    DecodingWalk decoding = DecodingWalk.of(ModelSize.BASE.config(true), rows, 512, 128);
    Estimate token =
        Estimate.ofToken(decoding.token().costs(), SpeedTable.of(Chip.H200, ModelSize.BASE, true));
    assertEquals(microseconds, 1e6 * token.floor(), 0.1 * microseconds);
  }

  @Test
  void theTableHasTheRatesThatItCites() {
    assertEquals(480e12, product(ModelSize.SMALL, false), 1e6);
    assertEquals(450e12, product(ModelSize.SMALL, true), 1e6);
    assertEquals(580e12, product(ModelSize.BASE, true), 1e6);
    assertEquals(630e12, product(ModelSize.LARGE, true), 1e6);
    SpeedTable table = SpeedTable.of(Chip.H200, ModelSize.BASE, true);
    for (Work work : Work.values()) {
      String name = work.name();
      double share = table.efficiency(work).share();
      double expected =
          work == Work.PRODUCT
              ? 580.0 / 790
              : name.endsWith("ATTENTION")
                  ? 300.0 / 790
                  : name.endsWith("ATTENTION_BACKWARD") ? 230.0 / 790 : 0.88;
      assertEquals(expected, share, 1e-12, name);
      for (Chip chip : Chip.values()) {
        assertEquals(
            share,
            SpeedTable.of(chip, ModelSize.BASE, false).efficiency(work).share(),
            "one table for all chips");
      }
    }
  }

  private static double product(ModelSize size, boolean second) {
    SpeedTable table = SpeedTable.of(Chip.H200, size, second);
    return table.efficiency(Work.PRODUCT).share() * table.peak();
  }

  @Test
  void whatIsMeasuredTakesThePlaceOfTheTablesFigures() {
    SpeedTable table = SpeedTable.of(Chip.H200, ModelSize.BASE, true);
    var shares = new EnumMap<Work, Double>(Map.of(Work.PRODUCT, 0.5, Work.NORM, 0.25));
    var measured =
        new MeasuredSpeeds(
            Path.of("m.json"), Chip.H200, Map.of("peak_tflops", 700.0, "gap_us", 1.0), shares);
    SpeedTable mixed = measured.over(table);
    var costs =
        List.of(
            new Cost(Work.PRODUCT, 1, 7_000_000_000_000L, 10),
            new Cost(Work.NORM, 1, 0, 4_300_000_000_000L),
            new Cost(Work.GATE, 1, 0, 4_300_000_000_000L));
    Estimate estimate = Estimate.of(costs, mixed);
    assertEquals(7 / 700.0 / 0.5, estimate.seconds(Work.PRODUCT), 1e-9);
    assertEquals(1 / 0.25, estimate.seconds(Work.NORM), 1e-9);
    assertEquals(1 / 0.88, estimate.seconds(Work.GATE), 1e-9);
    assertEquals(3e-6, estimate.gaps(), 1e-12);
    assertTrue(measured.coverage().contains("the other 19 figures"), measured.coverage());
    var error =
        assertThrows(
            IllegalArgumentException.class,
            () -> measured.over(SpeedTable.of(Chip.A100, ModelSize.BASE, true)));
    assertTrue(error.getMessage().contains("--chip h200"), error.getMessage());
  }

  @Test
  void aCommandTakesAsLongAsItsSlowestPart() {
    SpeedTable table = SpeedTable.of(Chip.H200, ModelSize.BASE, true);
    double reached = 0.88 * 4.3e12;
    assertEquals(1.7e-6, seconds(new Cost(Work.PRODUCT, 1, 10, 10), table), 1e-15);
    assertEquals(2 * 1.7e-6, seconds(new Cost(Work.NORM, 2, 0, 10), table), 1e-15);
    Cost wide = new Cost(Work.PRODUCT, 1, 10, 4_000_000_000L);
    assertEquals(4e9 / reached, seconds(wide, table), 1e-12);
    // what the cache holds of an attention's operands need not come from memory
    Cost attention = new Cost(Work.CAUSAL_ATTENTION, 1, 10, 4_000_000_000L);
    assertEquals((4e9 - 50e6) / reached, seconds(attention, table), 1e-12);
    double cached = Estimate.ofToken(List.of(attention), table).seconds() - table.gap();
    assertEquals(4e9 / reached, cached, 1e-12);
  }

  private static double seconds(Cost cost, SpeedTable table) {
    return Estimate.of(List.of(cost), table).seconds(cost.work());
  }
}
