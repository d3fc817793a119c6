package dev.quintet.tokenizers.pretokenize;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.tokenizers.Golden;
import dev.quintet.tokenizers.huggingface.BpeSpec;
import dev.quintet.tokenizers.huggingface.PreTokenizerSpec;
import dev.quintet.tokenizers.huggingface.TokenizerJson;
import dev.quintet.tokenizers.huggingface.Vocabulary;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The scanners give what the JDK's regular expressions give.
class PatternScannerTest {

  private static final String[] PARTS = {
    " ",
    "  ",
    "\t",
    "\n",
    "\r\n",
    "\u0085",
    "\u00a0",
    "\u3000",
    "\u2028",
    "\u001c",
    "\u200b",
    "'",
    "'s",
    "'S",
    "'\u017f",
    "'re",
    "'RE",
    "'lL",
    "'d",
    "'x",
    "a",
    "Z",
    "e",
    "é",
    "ß",
    "Ǆ",
    "ǅ",
    "ʰ",
    "日",
    "\u0301",
    "\u20dd",
    "\u0903",
    "1",
    "22",
    "4444",
    "½",
    "Ⅷ",
    "٣",
    ".",
    "/",
    "!!",
    "_",
    "-",
    "😀",
    "𝒷",
    "𝟙",
    "𠀀",
    "\ud834\udd65",
    "Hello",
    "world",
    "İ",
    "K",
    "\ufffd",
    "\u0000"
  };

  private static List<String> byRegex(String regex, String text) {
    List<String> words = new ArrayList<>();
    Matcher matcher = Pattern.compile(regex, Pattern.UNICODE_CHARACTER_CLASS).matcher(text);
    int previous = 0;
    while (matcher.find()) {
      assertEquals(previous, matcher.start(), "the pattern leaves nothing out");
      words.add(matcher.group());
      previous = matcher.end();
    }
    assertEquals(text.length(), previous);
    return words;
  }

  private static List<String> byScanner(String name, String text) {
    List<String> words = new ArrayList<>();
    PatternScanner.find(SplitPattern.of(name))
        .orElseThrow()
        .split(text, 0, text.length(), (start, end) -> words.add(text.substring(start, end)));
    return words;
  }

  @ParameterizedTest
  @ValueSource(strings = {"gpt4", "cl100k", "o200k", "punct"})
  void knowsNumbersOfOtherLengths(String name) {
    for (String number : List.of("\\p{N}", "\\p{N}{1,2}")) {
      givesTheWordsOfTheRegularExpression(
          SplitPattern.of(name).regex().replace("\\p{N}{1,3}", number));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"gpt2", "gpt4", "cl100k", "o200k", "punct"})
  void givesTheWordsOfTheRegularExpression(String name) {
    long seed = Long.getLong("seed", 20261121);
    System.out.println("seed " + seed);
    SplittableRandom random = new SplittableRandom(seed);
    String regex = SplitPattern.of(name).regex();
    for (int n = 0; n < 8_000; n++) {
      StringBuilder text = new StringBuilder();
      for (int i = random.nextInt(12); i >= 0; i--) {
        text.append(PARTS[random.nextInt(PARTS.length)]);
      }
      assertEquals(
          byRegex(regex, text.toString()),
          byScanner(name, text.toString()),
          () -> name + ": " + Golden.write(text.toString()));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"gpt2", "o200k"})
  void knowsEveryCodePoint(String name) {
    String regex = SplitPattern.of(name).regex();
    StringBuilder text = new StringBuilder();
    for (int c = 0; c <= Character.MAX_CODE_POINT; c++) {
      if (c < 0xD800 || c > 0xDFFF) {
        text.append("Ab ").appendCodePoint(c).append("a1");
      }
      if (text.length() > 4000 || c == Character.MAX_CODE_POINT) {
        assertEquals(byRegex(regex, text.toString()), byScanner(name, text.toString()));
        text.setLength(0);
      }
    }
  }

  @Test
  void meansByCl100kWhatTiktokenMeans() {
    String tiktoken =
        "'(?i:[sdmt]|ll|ve|re)|[^\\r\\n\\p{L}\\p{N}]?+\\p{L}++|\\p{N}{1,3}+"
            + "| ?[^\\s\\p{L}\\p{N}]++[\\r\\n]*+|\\s++$|\\s*[\\r\\n]|\\s+(?!\\S)|\\s";
    String text = "it's 12345678 \n\n x'LL  \r\n\t";
    assertEquals(byRegex(tiktoken, text), byScanner("cl100k", text));
  }

  @ParameterizedTest
  @ValueSource(strings = {"gpt2", "gpt4", "cl100k", "o200k", "punct"})
  void standForThePatternsAsFilesGiveThem(String name) {
    var split =
        new PreTokenizerSpec.Split(
            SplitPattern.of(name).regex(), true, PreTokenizerSpec.Behavior.ISOLATED, false);
    var model =
        new BpeSpec(Vocabulary.of(List.of("a")), new int[0], Optional.empty(), false, false, false);
    TokenizerJson file =
        TokenizerJson.byteLevelBpe(model, List.of(), List.of(split), Optional.empty());
    var read = (PreTokenizerSpec.Split) file.preTokenizers().getFirst();
    assertTrue(PatternScanner.find(new SplitPattern(read.pattern())).isPresent(), read.pattern());
  }
}
