package dev.quintet.tokenizers;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.tokenizers.bpe.ByteBpeTrainer;
import dev.quintet.tokenizers.huggingface.TokenizerJson;
import dev.quintet.tokenizers.pretokenize.SplitPattern;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TokenizerTest {

  private static Tokenizer golden(String name) {
    String file = "bytebpe-" + name + ".tokenizer.json";
    return Tokenizer.of(TokenizerJson.parse(file, Golden.bytes(file)));
  }

  private static String randomText(SplittableRandom random) {
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(60); i > 0; i--) {
      int bound = random.nextBoolean() ? 0x80 : random.nextBoolean() ? 0x3000 : 0x20000;
      text.appendCodePoint(random.nextInt(bound));
    }
    return text.toString();
  }

  @ParameterizedTest
  @ValueSource(strings = {"gpt2-1500", "gpt4-3000", "identity-1000"})
  void decodesWhatItEncoded(String name) {
    long seed = Long.getLong("seed", 7);
    System.out.println("seed " + seed);
    SplittableRandom random = new SplittableRandom(seed);
    Tokenizer tokenizer = golden(name);
    for (int n = 0; n < 2000; n++) {
      String text = randomText(random);
      Encoding encoding = tokenizer.encode(text, false);
      String expected =
          new String(
              text.codePoints().map(TokenizerTest::replaced).toArray(),
              0,
              text.codePointCount(0, text.length()));
      assertEquals(expected, tokenizer.decode(encoding.ids()), () -> Golden.write(text));
      int reached = 0;
      for (int i = 0; i < encoding.size(); i++) {
        assertTrue(encoding.start(i) <= reached && encoding.end(i) >= reached, "no gap");
        reached = encoding.end(i);
      }
      assertEquals(text.length(), reached);
    }
  }

  private static int replaced(int codePoint) {
    return codePoint >= 0xD800 && codePoint <= 0xDFFF ? 0xFFFD : codePoint;
  }

  @Test
  void encodesABatchInOrderWhateverTheThreads() {
    Tokenizer tokenizer = golden("gpt4-3000");
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      texts.addAll(Golden.<String>list(Golden.json("texts.json")));
    }
    List<Encoding> one = texts.stream().map(tokenizer::encode).toList();
    assertEquals(one, tokenizer.encodeAll(texts, 1));
    assertEquals(one, tokenizer.encodeAll(texts, 3));
    assertEquals(one, tokenizer.encodeAll(texts));
    assertEquals(List.of(), tokenizer.encodeAll(List.of(), 4));
    assertThrows(IllegalArgumentException.class, () -> tokenizer.encodeAll(texts, 0));
  }

  @Test
  void takesNoLongerThanNLogNForOneLongWord() {
    for (String name : List.of("gpt4-3000", "identity-1000")) {
      Tokenizer tokenizer = golden(name);
      for (String part : List.of("a", " ", "ab", "é", "'", "<", "<p", "\n")) {
        String text = part.repeat(400_000 / part.length());
        assertTimeout(
            Duration.ofSeconds(20),
            () -> assertEquals(text, tokenizer.decode(tokenizer.encode(text, false).ids())));
      }
    }
  }

  @Test
  void placesSentinelsAfterTheVocabularyCountingDown() {
    Tokenizer tokenizer =
        Tokenizer.of(ByteBpeTrainer.of(300).withSentinels(100).train(Golden.corpus()));
    assertEquals(400, tokenizer.vocabularySize());
    assertEquals(OptionalInt.of(399), tokenizer.sentinelId(0));
    assertEquals(OptionalInt.of(300), tokenizer.sentinelId(99));
    assertEquals(OptionalInt.empty(), tokenizer.sentinelId(100));
    assertEquals("<extra_id_7>", tokenizer.token(392));
    assertEquals(OptionalInt.of(0), tokenizer.padId());
    assertEquals(OptionalInt.of(1), tokenizer.eosId());
    assertEquals(OptionalInt.of(2), tokenizer.unknownId());
    Encoding encoding = tokenizer.encode("a<extra_id_0>b");
    assertArrayEquals(
        new int[] {tokenizer.id("a").getAsInt(), 399, tokenizer.id("b").getAsInt(), 1},
        encoding.ids());
    assertEquals("a<extra_id_0>b</s>", tokenizer.decode(encoding.ids()));
    assertEquals("ab", tokenizer.decode(encoding.ids(), true));
    assertThrows(IllegalArgumentException.class, () -> tokenizer.token(400));
  }

  @Test
  void trainsTheSameWhateverTheOrderOfTheTexts() {
    List<String> shuffled = new ArrayList<>(Golden.corpus());
    Collections.reverse(shuffled);
    ByteBpeTrainer trainer = ByteBpeTrainer.of(1200);
    assertArrayEquals(trainer.train(Golden.corpus()).toBytes(), trainer.train(shuffled).toBytes());
  }

  @Test
  void neverSpellsASentinelByMerges() {
    List<String> texts = Collections.nCopies(50, "<extra_id_0> and <extra_id_1>");
    Tokenizer tokenizer =
        Tokenizer.of(
            ByteBpeTrainer.of(400)
                .withPattern(SplitPattern.IDENTITY)
                .withSentinels(2)
                .train(texts));
    int sentinel = tokenizer.sentinelId(0).getAsInt();
    assertEquals(tokenizer.vocabularySize() - 1, sentinel);
    assertEquals(sentinel, tokenizer.encode("<extra_id_0>").id(0));
  }

  @Test
  void refusesOptionsThatMakeNoSense() {
    ByteBpeTrainer trainer = ByteBpeTrainer.of(300);
    assertThrows(IllegalArgumentException.class, () -> trainer.withVocabularySize(0));
    assertThrows(IllegalArgumentException.class, () -> trainer.withSentinels(-1));
    assertThrows(IllegalArgumentException.class, () -> trainer.withMaxTokenLength(0));
    assertThrows(IllegalArgumentException.class, () -> trainer.withAddPrefixSpace(true));
    assertThrows(
        IllegalArgumentException.class, () -> trainer.withSpecialTokens(List.of("a", "a")));
  }

  @Test
  void readsLoneSurrogatesAsTheReplacementCharacter() {
    Tokenizer tokenizer = golden("gpt2-1500");
    assertEquals(tokenizer.encode("a\ufffdb\ufffd"), tokenizer.encode("a\ud800b\udc00"));
  }

  @Test
  void offsetsCountUnitsBytesOrCodePoints() {
    // a, e acute, a smiling face (two units), b, an unpaired surrogate, c
    String text = "a\u00e9\ud83d\ude00b\ud800c";
    Encoding units =
        new Encoding(
            new int[] {1, 2, 3, 4, 5, 6},
            new int[] {0, 1, 2, 4, 5, 6},
            new int[] {1, 2, 4, 5, 6, 7});
    assertArrayEquals(new int[] {0, 1, 3, 7, 8, 11}, units.inBytes(text).starts());
    assertArrayEquals(new int[] {1, 3, 7, 8, 11, 12}, units.inBytes(text).ends());
    assertArrayEquals(new int[] {0, 1, 2, 3, 4, 5}, units.inCodePoints(text).starts());
    assertArrayEquals(new int[] {1, 2, 3, 4, 5, 6}, units.inCodePoints(text).ends());
    assertArrayEquals(units.ids(), units.inBytes(text).ids());
  }
}
