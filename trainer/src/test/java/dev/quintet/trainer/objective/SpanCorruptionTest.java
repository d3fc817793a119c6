package dev.quintet.trainer.objective;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.trainer.data.Example;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SpanCorruptionTest {
  private static final int EOS = 1;
  private static final int TOP = 32099; // T5's <extra_id_0>; the others count down
  private static final SpanCorruption T5 = new SpanCorruption(0.15, 3, EOS, i -> TOP - i, 150);

  @ParameterizedTest
  @CsvSource({
    "64, 70, 14, 10, 3",
    "128, 141, 29, 21, 7",
    "256, 284, 58, 43, 14",
    "512, 568, 114, 85, 28",
    "1024, 1137, 229, 171, 57",
    "2048, 2274, 456, 341, 114"
  })
  void lengthsAreThoseOfT5(int inputs, int raw, int targets, int noise, int spans) {
    var lengths = SpanLengths.fitting(inputs, 0.15, 3);
    assertEquals(new SpanLengths(raw, noise, spans), lengths);
    assertEquals(inputs, lengths.input());
    assertEquals(targets, lengths.target());
  }

  @Test
  void lengthsAreThoseOfByT5() {
    var lengths = SpanLengths.fitting(1024, 0.15, 20);
    assertEquals(new SpanLengths(1193, 179, 9), lengths);
    assertEquals(189, lengths.target());
  }

  @Test
  void aPieceOfFullLengthMakesT5sInputAndTarget() {
    for (int draw = 0; draw < 300; draw++) {
      Example example = T5.corrupt(text(568), SpanCorruption.random(7, 0, draw));
      assertEquals(512, example.source().length);
      assertEquals(114, example.target().length);
      assertEquals(TOP, example.target()[0]);
      assertEquals(List.of(32072, EOS), tail(example.source(), 2));
    }
  }

  @Test
  void everyLengthCanBePutTogetherAgain() {
    for (int length = 2; length <= 3000; length++) {
      int[] text = text(length);
      Example example = T5.corrupt(text, SpanCorruption.random(3, 1, length));
      assertArrayEquals(text, rebuilt(example), "length " + length);
      // starts with text, and what is hidden comes last
      assertEquals(text[0], example.source()[0], "length " + length);
      assertEquals(text[length - 1], example.target()[example.target().length - 2]);
      assertEquals(EOS, example.target()[example.target().length - 1]);
      int last = example.source()[example.source().length - 2];
      assertTrue(last <= TOP && last > TOP - 150, "no sentinel before the end: " + last);
    }
  }

  @Test
  void halvesAreRoundedToEven() {
    // 0.15 * 10 = 1.5 becomes 2, 0.15 * 30 = 4.5 becomes 4
    assertEquals(2, SpanLengths.of(10, 0.15, 3).noise());
    assertEquals(4, SpanLengths.of(30, 0.15, 3).noise());
  }

  @Test
  void everyWayToCutIsEquallyLikely() {
    int[] counts = new int[6]; // 4 items in 3 parts: 211, 121, 112
    for (int draw = 0; draw < 3000; draw++) {
      int[] parts = SpanCorruption.segments(4, 3, SpanCorruption.random(1, 0, draw));
      assertEquals(4, Arrays.stream(parts).sum());
      counts[IntStream.range(0, 3).filter(i -> parts[i] == 2).findFirst().orElseThrow()]++;
    }
    for (int i = 0; i < 3; i++) {
      assertEquals(1000, counts[i], 120);
    }
  }

  @Test
  void spansChangeFromEpochToEpochAndNotFromCallToCall() {
    var text = new CorruptedText(List.of(text(300)), T5, 64, 5);
    assertEquals(5, text.size()); // 4 pieces of 70 and one of 20
    assertEquals(20, text.length(4));
    assertArrayEquals(text.example(0, 2).source(), text.example(0, 2).source());
    assertNotEquals(
        Arrays.toString(text.example(0, 1).source()), Arrays.toString(text.example(0, 2).source()));
    assertNotEquals(
        Arrays.toString(text.example(1, 2).source()), Arrays.toString(text.example(0, 2).source()));
    assertEquals(64, text.example(3, 0).source().length);
  }

  @Test
  void refusesWhatCannotBeCorrupted() {
    var random = SpanCorruption.random(1, 0, 0);
    assertThrows(IllegalArgumentException.class, () -> T5.corrupt(new int[1], random));
    var few = new SpanCorruption(0.15, 3, EOS, i -> TOP - i, 100);
    var e = assertThrows(IllegalArgumentException.class, () -> few.corrupt(text(2500), random));
    assertTrue(e.getMessage().contains("100 sentinels"), e.getMessage());
    assertThrows(
        IllegalArgumentException.class, () -> new SpanCorruption(1, 3, EOS, i -> TOP - i, 100));
  }

  private static int[] text(int length) {
    return IntStream.range(100, 100 + length).toArray();
  }

  private static List<Integer> tail(int[] ids, int count) {
    return Arrays.stream(ids, ids.length - count, ids.length).boxed().toList();
  }

  private static boolean isSentinel(int id) {
    return id <= TOP && id > TOP - 150;
  }

  /// Puts each span of the target in the place of its sentinel.
  private static int[] rebuilt(Example example) {
    var spans = new ArrayList<List<Integer>>();
    for (int id : example.target()) {
      if (isSentinel(id)) {
        assertEquals(TOP - spans.size(), id);
        spans.add(new ArrayList<>());
      } else if (id != EOS) {
        spans.getLast().add(id);
      }
    }
    var text = new ArrayList<Integer>();
    int next = 0;
    for (int id : example.source()) {
      if (isSentinel(id)) {
        assertEquals(TOP - next, id);
        text.addAll(spans.get(next++));
      } else if (id != EOS) {
        text.add(id);
      }
    }
    assertEquals(spans.size(), next);
    return text.stream().mapToInt(Integer::intValue).toArray();
  }
}
