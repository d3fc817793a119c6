package dev.quintet.trainer.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.core.random.Philox;
import dev.quintet.tokenizers.Tokenizer;
import dev.quintet.trainer.TinyText;
import dev.quintet.trainer.prepare.SampleForm;
import dev.quintet.trainer.rows.Row;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WindowsTest {
  private static final Tokenizer TOKENIZER = TinyText.tokenizer();
  private static final SampleForm FORM =
      SampleForm.of("question: {question} context: {context} end", "answer").withCut("context");

  @ParameterizedTest
  @CsvSource({"60, 0", "60, 8", "60, 500", "45, 3", "200, 20"})
  void theQuestionStaysWholeAndWindowsCoverAllOfTheContext(int most, int stride) {
    for (int seed = 0; seed < 20; seed++) {
      List<String> words = words(120, seed);
      Sample sample = sample("which one?", String.join(" ", words), words.get(70));
      List<Sample> windows = windows(most, OptionalInt.of(stride), sample);
      int covered = 0;
      for (Sample window : windows) {
        assertTrue(TOKENIZER.encode(window.source()).size() <= most, window::source);
        String text = window.passage().orElseThrow().of(window.source());
        assertEquals("question: which one? context: " + text + " end", window.source());
        List<String> own = List.of(text.split(" "));
        int from = words.indexOf(own.getFirst());
        assertEquals(words.subList(from, from + own.size()), own);
        assertTrue(from <= covered, "words are left out");
        assertTrue(stride == 0 || covered == 0 || from < covered, "windows overlap");
        covered = from + own.size();
      }
      assertEquals(words.size(), covered);
    }
  }

  @Test
  void withoutAStrideTheContextIsCutToItsBeginning() {
    Sample sample = sample("who?", String.join(" ", words(100, 1)), "nobody");
    List<Sample> windows = windows(50, OptionalInt.empty(), sample);
    assertEquals(1, windows.size());
    String text = windows.getFirst().passage().orElseThrow().of(windows.getFirst().source());
    assertTrue(sample.passage().orElseThrow().of(sample.source()).startsWith(text));
    assertTrue(windows.getFirst().source().endsWith(" end"));
    var learned =
        new Windows(TOKENIZER, 50, OptionalInt.empty()).toLearn(List.of(sample, sample), 1);
    assertEquals(new Windows.Counts(2, 2, 2, 0, 0), learned.counts());
  }

  @Test
  void theModelLearnsFromTheWindowsThatHoldAnAnswerWhichComesFirst() {
    List<String> words = words(100, 2);
    String context = String.join(" ", words);
    var samples =
        List.of(
            sample("a?", "short", "an answer that it does not hold"),
            sample("b?", context, "no such word", words.get(99)),
            sample("c?", context, "no such word"),
            sample("d?", context, ""));
    var learned = new Windows(TOKENIZER, 60, OptionalInt.of(5)).toLearn(samples, 2);
    int each = windows(60, OptionalInt.of(5), samples.get(3)).size();
    assertEquals(
        IntStream.range(0, each + 2).mapToObj(i -> Math.min(i, 1) + (i > 1 ? 2 : 0)).toList(),
        learned.rows());
    assertEquals(words.get(99), learned.pairs().list().get(1).target());
    assertTrue(learned.pairs().list().get(1).source().contains(words.get(99)));
    assertEquals(new Windows.Counts(4, 3, 3 * each, 2 * each - 1, 1), learned.counts());
    assertEquals(
        List.of("no such word", words.get(99)),
        Windows.scored(windows(60, OptionalInt.of(5), samples.get(1))).answers());
  }

  @ParameterizedTest
  @CsvSource({
    "'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx', 45",
    "'😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀', 45",
    "'  spaces   everywhere    in     this      text       and        more         ', 45",
    "'', 3",
    "'one two three four five six seven eight nine ten', 3"
  })
  void oddTextsHaveWindowsToo(String context, int most) {
    Sample sample = sample("which?", context, "x");
    for (Sample window : windows(most, OptionalInt.of(4), sample)) {
      String text = window.passage().orElseThrow().of(window.source());
      assertTrue(context.contains(text), text);
      assertEquals("question: which? context: " + text + " end", window.source());
      assertTrue(text.codePoints().noneMatch(c -> c >= 0xD800 && c < 0xE000), "half a character");
      assertTrue(
          text.isEmpty() || TOKENIZER.encode(window.source()).size() <= most, window::source);
    }
  }

  private static List<Sample> windows(int most, OptionalInt stride, Sample sample) {
    return new Windows(TOKENIZER, most, stride).of(List.of(sample), 1).getFirst();
  }

  private static Sample sample(String question, String context, String... answers) {
    Sample made =
        FORM.sample(
            Row.of(
                new LinkedHashMap<>(
                    java.util.Map.of("question", question, "context", context, "answer", "x"))));
    return new Sample("row", made.source(), List.of(answers), made.columns(), made.passage());
  }

  /// Different words.
  private static List<String> words(int count, long seed) {
    var random = Philox.of(seed, 1);
    var words = new ArrayList<String>();
    var seen = new HashSet<String>();
    while (words.size() < count) {
      String word = Integer.toString(1000 + random.nextInt(1_000_000), 36);
      if (seen.add(word)) {
        words.add(word);
      }
    }
    return words;
  }
}
