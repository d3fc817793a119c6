package dev.quintet.tokenizers.sentencepiece.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class FloatLogTest {

  @Test
  void isWithinOneUnitOfTheExactLogarithmAndDiffersNowAndThen() {
    int[] different =
        IntStream.rangeClosed(1, 1_000_000)
            .filter(i -> FloatLog.log(i) != (float) Math.log(i))
            .peek(i -> assertEquals(Math.log(i), FloatLog.log(i), Math.ulp((float) Math.log(i))))
            .toArray();
    assertTrue(different.length > 10 && different.length < 1000, "" + different.length);
  }
}
