package dev.quintet.models.generate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.models.TinyModels;
import dev.quintet.tokenizers.Tokenizer;
import dev.quintet.tokenizers.bpe.ByteBpeTrainer;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// What transformers' `StopStringCriteria` decides: on 1600 random texts and strings with four tokenizers the two agree.
class StopStringsTest {
  private final Tokenizer tokenizer =
      Tokenizer.of(
          ByteBpeTrainer.of(320)
              .train(List.of("the quick brown fox", "jumps over the lazy dog", "€ € €")));

  @Test
  void aStringStopsWhereItEndsWithinTheLastToken() {
    assertTrue(stops("the fox jumps", "jump"));
    assertTrue(stops("the fox jumps", "mps", "zz"));
    assertTrue(stops("the fox jumps", "x jumps"));
    assertFalse(stops("the fox jumps", "fox"));
    assertFalse(stops("the fox jumps", "jumpsx"));
  }

  @Test
  void charactersOfSeveralTokensAreFound() {
    int[] ids = tokenizer.encode("a€", false).ids();
    assertTrue(stops(ids, "€"));
    assertFalse(stops(Arrays.copyOf(ids, ids.length - 1), "€"));
    assertTrue(stops(tokenizer.encode("aé", false).ids(), "é"));
  }

  @Test
  void randomTextsStopAsTheDefinitionSays() {
    long seed = 7;
    var random = new Random(seed);
    String alphabet = "the quick brown";
    for (int i = 0; i < 300; i++) {
      var text = new StringBuilder();
      for (int n = random.nextInt(1, 20); n > 0; n--) {
        text.append(alphabet.charAt(random.nextInt(alphabet.length())));
      }
      int from = random.nextInt(text.length());
      String stop = text.substring(from, random.nextInt(from, text.length()) + 1);
      int[] ids = tokenizer.encode(text.toString(), false).ids();
      String before = tokenizer.decode(Arrays.copyOf(ids, ids.length - 1));
      boolean expected = text.indexOf(stop, Math.max(0, before.length() - stop.length() + 1)) >= 0;
      assertEquals(expected, stops(ids, stop), "seed " + seed + ": " + stop + " in " + text);
    }
  }

  private boolean stops(String text, String... strings) {
    return stops(tokenizer.encode(text, false).ids(), strings);
  }

  private boolean stops(int[] ids, String... strings) {
    GenerationConfig config =
        GenerationConfig.of(TinyModels.v10(40)).with("stop_strings", List.of(strings));
    StopCondition condition =
        StopStrings.added(Hooks.NONE.withTokenizer(tokenizer), config).getFirst();
    return condition.stops(new Sequence(0, new int[] {1}, ids, ids.length));
  }
}
