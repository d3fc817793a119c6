package dev.quintet.tokenizers;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.quintet.tokenizers.huggingface.Padding;
import org.junit.jupiter.api.Test;

class TokenBatchTest {

  @Test
  void refusesRowsThatAreNotThereHoweverFarAway() {
    int[] ids = {1, 2, 3, 4};
    int[] ones = {1, 1, 1, 0};
    var batch = new TokenBatch(2, 2, ids, ones, ids, ids, ids, new int[] {0, 1});
    assertArrayEquals(new int[] {3, 4}, batch.row(1));
    assertEquals(1, batch.tokens(1));
    // twice 2^31 is 0 in an int
    for (int row : new int[] {-1, 2, 1 << 30, Integer.MIN_VALUE, Integer.MAX_VALUE}) {
      assertThrows(IndexOutOfBoundsException.class, () -> batch.row(row));
      assertThrows(IndexOutOfBoundsException.class, () -> batch.tokens(row));
    }
  }

  @Test
  void refusesRectanglesWhoseSizePassesAnInt() {
    int[] none = {};
    assertThrows(
        IllegalArgumentException.class,
        () -> new TokenBatch(1 << 16, 1 << 16, none, none, none, none, none, none));
    var padding = Padding.toLongest(0).withMultipleOf(1 << 30);
    assertEquals(1 << 30, padding.wanted(5));
    assertThrows(IllegalArgumentException.class, () -> padding.wanted((1 << 30) + 1));
  }
}
