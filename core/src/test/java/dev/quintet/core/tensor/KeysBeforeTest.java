package dev.quintet.core.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.core.shape.Device;
import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.AttentionOptions.Seen;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Keys that stand before those that a mask, lengths or a cache tell of.
class KeysBeforeTest {
  @Test
  void keysBeforeAMaskAreSeenByAll() {
    try (var _ = Scope.open(Device.cpu())) {
      var mask = new Seen.Mask(Tensor.ofInts(Shape.of(2, 3), 1, 1, 0, 1, 0, 0));
      assertArrayEquals(new int[] {1, 1, 1, 1, 0, 1, 1, 1, 0, 0}, mask.behind(2).keys().toInts());
      var lengths = new Seen.Lengths(Tensor.ofInts(Shape.of(2), 3, 1));
      assertArrayEquals(new int[] {5, 3}, lengths.behind(2).keys().toInts());
    }
  }

  @Test
  void attentionToKeysBehindOthersIsThatToAllOfThem() {
    try (var _ = Scope.open(Device.cpu())) {
      Tensor q = Tensor.normal(Shape.of(2, 3, 1, 4), 1);
      Tensor before = Tensor.normal(Shape.of(2, 2, 1, 4), 2);
      Tensor own = Tensor.normal(Shape.of(2, 3, 1, 4), 3);
      Tensor keys = Tensor.concat(1, List.of(before, own));
      Tensor table = Tensor.normal(Shape.of(1, 9), 4);
      Tensor full = Tensor.empty(Shape.of(1, 1, 3, 5), keys.type());
      for (int i = 0; i < 3; i++) {
        for (int j = 0; j < 5; j++) {
          float score = j > i + 2 ? -1e9f : table.toFloats()[j - i - 2 + 4];
          full.slice(0, 0, 1)
              .reshape(15, 1)
              .overwrite(0, 5 * i + j, Tensor.of(Shape.of(1, 1), score));
        }
      }
      Tensor expected = q.attention(keys, keys, AttentionOptions.PLAIN.withBias(full));
      var options = AttentionOptions.PLAIN.withBias(table).withCausal();
      float[] found = q.attention(keys, keys, options.behind(2)).toFloats();
      assertArrayEquals(expected.toFloats(), found, 1e-5f);
      assertEquals(7, options.withCache(1, 5).behind(2).keys().orElseThrow());
    }
  }

  @Test
  void nothingStandsBeforeKeysOfRowsThatHoldSeveralTexts() {
    try (var _ = Scope.open(Device.cpu())) {
      Tensor ids = Tensor.ofInts(Shape.of(1, 2), 1, 2);
      var packed = AttentionOptions.PLAIN.withSeen(new Seen.Segments(ids, ids));
      var e = assertThrows(IllegalArgumentException.class, () -> packed.behind(3));
      assertTrue(e.getMessage().contains("without packing"), e.getMessage());
    }
  }
}
