package dev.quintet.trainer.loop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.core.instrument.Dry;
import dev.quintet.core.shape.DType;
import dev.quintet.models.t5.T5Config;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What one training step asks of a device: counted on one that computes nothing, with T5's real sizes, 48 rows of 512 and
/// 128 tokens, dropout 0.1.
class StepCostTest {
  private static final int ROWS = 48;

  /// T5-base v1.1, the measure; the others are in ARCHITECTURE.md.
  @ParameterizedTest
  @CsvSource({"BF16, 80e9", "F32, 150e9"})
  void aStepIsFewCommandsWithoutAWaitAndRepeatsItsAddresses(DType type, double bytes) {
    Dry.Counts counts = cost(Model.BASE, false, type);
    assertTrue(counts.commands() <= 700, () -> row(Model.BASE, false, type, counts));
    assertTrue(counts.bytes() <= bytes, () -> row(Model.BASE, false, type, counts));
    assertEquals(0, counts.waits());
    assertEquals(1, counts.uploads());
    assertEquals(Set.of(), counts.unknown());
  }

  /// Prints the table of ARCHITECTURE.md.
  @Tag("slow")
  @Test
  void noModelWaits() {
    for (Model model : Model.values()) {
      for (boolean first : new boolean[] {true, false}) {
        for (DType type : new DType[] {DType.F32, DType.BF16}) {
          Dry.Counts counts = cost(model, first, type);
          System.out.println(row(model, first, type, counts));
          assertEquals(0, counts.waits());
          assertEquals(1, counts.uploads());
        }
      }
    }
  }

  private enum Model {
    SMALL(512, 8, 2048, 1024, 6, 8, 6),
    BASE(768, 12, 3072, 2048, 12, 12, 12),
    LARGE(1024, 16, 4096, 2816, 24, 24, 16);

    private final int width;
    private final int firstHeads;
    private final int firstInner;
    private final int inner;
    private final int firstLayers;
    private final int layers;
    private final int heads;

    Model(
        int width,
        int firstHeads,
        int firstInner,
        int inner,
        int firstLayers,
        int layers,
        int heads) {
      this.width = width;
      this.firstHeads = firstHeads;
      this.firstInner = firstInner;
      this.inner = inner;
      this.firstLayers = firstLayers;
      this.layers = layers;
      this.heads = heads;
    }

    /// Its sizes in v1.0, or in v1.1.
    T5Config config(boolean first) {
      T5Config small = T5Config.small().withDropout(0.1f);
      return first
          ? small.withWidths(width, 64, firstHeads, firstInner).withLayers(firstLayers, firstLayers)
          : small
              .withWidths(width, 64, heads, inner)
              .withLayers(layers, layers)
              .withFeedForward("gated-gelu")
              .withHead(false, false);
    }
  }

  /// The third step, after which the addresses of the second and of one after a step of another shape are compared with its own.
  private static Dry.Counts cost(Model size, boolean first, DType type) {
    try (var walk = new StepWalk(size.config(first), type)) {
      var addresses = new ArrayList<List<Long>>();
      Dry.Counts third = null;
      for (int length : new int[] {512, 512, 512, 300, 512}) {
        Dry.Counts counts = walk.step(ROWS, length, length / 4);
        addresses.add(counts.addresses());
        third = addresses.size() == 3 ? counts : third;
      }
      assertEquals(addresses.get(1), addresses.get(2));
      assertEquals(addresses.get(2), addresses.get(4));
      return third;
    }
  }

  private static String row(Model model, boolean first, DType type, Dry.Counts counts) {
    return "| T5-%s v1.%d, %s | %d | %.1f GB | %.1f GB | %d | %d | %d |"
        .formatted(
            model.name().toLowerCase(Locale.ROOT),
            first ? 0 : 1,
            type.name().toLowerCase(Locale.ROOT),
            counts.commands(),
            counts.bytes() / 1e9,
            counts.peak() / 1e9,
            counts.addresses().size(),
            counts.waits(),
            counts.uploads());
  }
}
