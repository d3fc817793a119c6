package dev.quintet.tokenizers.normalize;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import dev.quintet.tokenizers.huggingface.NormalizerStep;
import java.text.Normalizer;
import java.text.Normalizer.Form;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class NormalFormTest {

  /// Marks of many classes, what composes with what is before it, and what falls apart.
  private static final String[] PARTS = {
    "a",
    "o",
    "é",
    "ế",
    "ầ",
    "Å",
    "ﬁ",
    "ﷺ",
    "\u0300",
    "\u0301",
    "\u0302",
    "\u0323",
    "\u0327",
    "\u0334",
    "\u0345",
    "\u0344",
    "\u05b0",
    "\u05bc",
    "ש",
    "\ufb2c",
    "\u0f71",
    "\u0f72",
    "\u0f73",
    "ᄀ",
    "ᅡ",
    "ᆨ",
    "가",
    "각",
    "\u09c7",
    "\u09be",
    "\u09cb",
    "\u0dd9",
    "\u0dcf",
    "\u0dca",
    "か",
    "\u3099",
    "が",
    "\ud834\udd57",
    "\ud834\udd65",
    "\ud834\udd5e",
    "\ud804\udc99",
    "\ud804\udcba",
    "\u2126",
    "①",
    "ﾊ",
    "ﾟ"
  };

  private static TextNormalizer of(Form form) {
    return new TextNormalizer(List.of(new NormalizerStep.Form(form)));
  }

  @ParameterizedTest
  @EnumSource(Form.class)
  void agreesWithTheJdkOnWhatUnicodeNineHas(Form form) {
    long seed = Long.getLong("seed", 20261129);
    System.out.println("seed " + seed);
    SplittableRandom random = new SplittableRandom(seed);
    TextNormalizer normalizer = of(form);
    for (int n = 0; n < 8_000; n++) {
      StringBuilder text = new StringBuilder();
      for (int i = random.nextInt(7); i >= 0; i--) {
        text.append(PARTS[random.nextInt(PARTS.length)]);
      }
      String given = text.toString();
      assertEquals(Normalizer.normalize(given, form), normalizer.normalize(given), given);
    }
  }

  @ParameterizedTest
  @EnumSource(Form.class)
  void sortsARunOfMarksInTimeThatGrowsWithItsLength(Form form) {
    // The square of the length would take minutes.
    TextNormalizer normalizer = of(form);
    int pairs = 100_000;
    String composed = form == Form.NFC || form == Form.NFKC ? "\u1ecd\u0301" : "o\u0323\u0301";
    String rest = "\u0323".repeat(pairs - 1) + "\u0301".repeat(pairs - 1);
    String text = "o" + "\u0301\u0323".repeat(pairs);
    String sorted =
        composed.substring(0, composed.length() - 1)
            + rest.substring(0, pairs - 1)
            + "\u0301"
            + rest.substring(pairs - 1);
    assertTimeout(Duration.ofSeconds(20), () -> assertEquals(sorted, normalizer.normalize(text)));
  }
}
