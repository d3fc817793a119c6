package dev.quintet.tokenizers.bytes;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.tokenizers.Encoding;
import dev.quintet.tokenizers.Golden;
import dev.quintet.tokenizers.Tokenizer;
import dev.quintet.tokenizers.bytes.ByteTokenizer.Sentinels;
import dev.quintet.tokenizers.file.MalformedFileException;
import dev.quintet.tokenizers.huggingface.TokenizerConfig;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ByteTokenizerTest {

  private static final String CONFIG = "tokenizer_config.json";

  private final ByteTokenizer bytes = ByteTokenizer.of(Sentinels.AFTER_BYTES);

  @TempDir Path folder;

  @Test
  void doesAsTransformersDoes() {
    check(bytes);
  }

  @Test
  void readsWhatTransformersSaved() throws IOException {
    Files.write(folder.resolve(CONFIG), Golden.bytes("byt5.tokenizer_config.json"));
    Tokenizer loaded = Tokenizer.load(folder);
    assertInstanceOf(ByteTokenizer.class, loaded);
    check(loaded);
    Path again = folder.resolve("again");
    loaded.save(again);
    check(Tokenizer.load(again));
  }

  private static void check(Tokenizer tokenizer) {
    Map<String, Object> golden = Golden.object(Golden.json("byt5.json"));
    for (Object one : Golden.list(golden.get("texts"))) {
      Map<String, Object> expected = Golden.object(one);
      String text = (String) expected.get("text");
      String shown = Golden.write(text);
      Encoding encoding = tokenizer.encode(text);
      assertArrayEquals(Golden.ints(expected.get("ids")), encoding.ids(), shown);
      assertArrayEquals(
          Golden.ints(expected.get("plain")), tokenizer.encode(text, false).ids(), shown);
      assertEquals(expected.get("decoded"), tokenizer.decode(encoding.ids()), shown);
      assertEquals(expected.get("skipped"), tokenizer.decode(encoding.ids(), true), shown);
    }
    for (Object one : Golden.list(golden.get("ids"))) {
      Map<String, Object> expected = Golden.object(one);
      int[] ids = Golden.ints(expected.get("ids"));
      assertEquals(expected.get("decoded"), tokenizer.decode(ids), expected::toString);
      assertEquals(expected.get("skipped"), tokenizer.decode(ids, true), expected::toString);
    }
    assertEquals(384, tokenizer.vocabularySize());
    assertEquals(OptionalInt.of(0), tokenizer.padId());
    assertEquals(OptionalInt.of(1), tokenizer.eosId());
    assertEquals(OptionalInt.of(2), tokenizer.unknownId());
    assertEquals(OptionalInt.of(259), tokenizer.sentinelId(0));
    assertEquals(OptionalInt.of(383), tokenizer.sentinelId(124));
    assertEquals(OptionalInt.empty(), tokenizer.sentinelId(125));
  }

  @Test
  void tellsWhereEachByteStands() {
    Encoding encoding = bytes.encode("é </s>  😀<extra_id_3>z");
    assertArrayEquals(new int[] {198, 172, 1, 243, 162, 155, 131, 262, 125, 1}, encoding.ids());
    // The token takes the white space around it along.
    assertArrayEquals(new int[] {0, 0, 1, 8, 8, 8, 8, 10, 22, 0}, encoding.starts());
    assertArrayEquals(new int[] {1, 1, 8, 10, 10, 10, 10, 22, 23, 0}, encoding.ends());
    assertEquals("z", bytes.token(125));
    assertEquals(OptionalInt.of(198), bytes.id("\u00c3"));
    assertEquals(OptionalInt.empty(), bytes.id("\u6771"));
    assertEquals(OptionalInt.empty(), bytes.id("ab"));
    assertThrows(IllegalArgumentException.class, () -> bytes.token(384));
  }

  @Test
  void numbersTheReleasedSentinelsDownFromTheLastByte() {
    ByteTokenizer released = ByteTokenizer.of(Sentinels.LAST_BYTES);
    assertEquals(OptionalInt.of(258), released.sentinelId(0));
    assertEquals(OptionalInt.of(159), released.sentinelId(99));
    assertEquals(OptionalInt.empty(), released.sentinelId(100));
    assertEquals(OptionalInt.empty(), released.sentinelId(-1));
    assertEquals(259, released.vocabularySize());
    assertEquals(12 + 1, released.encode("<extra_id_0>").size());
    assertEquals("ab", released.decode(new int[] {100, 258, 101, 257}));
    released.save(folder);
    ByteTokenizer loaded = (ByteTokenizer) Tokenizer.load(folder);
    assertEquals(Sentinels.LAST_BYTES, loaded.sentinels());
    assertEquals(OptionalInt.of(258), loaded.sentinelId(0));
  }

  @Test
  void givesBackEveryTextWithoutSpecialTokens() {
    long seed = Long.getLong("seed", 11);
    System.out.println("seed " + seed);
    SplittableRandom random = new SplittableRandom(seed);
    for (int n = 0; n < 1000; n++) {
      StringBuilder text = new StringBuilder();
      for (int i = random.nextInt(40); i > 0; i--) {
        int c = random.nextInt(random.nextBoolean() ? 0x80 : 0x20000);
        text.appendCodePoint(c >= 0xD800 && c < 0xE000 ? ' ' : c);
      }
      Encoding encoding = bytes.encode(text, false);
      assertEquals(text.toString(), bytes.decode(encoding.ids()));
      assertEquals(text.toString().getBytes(StandardCharsets.UTF_8).length, encoding.size());
    }
  }

  @Test
  void refusesWhatCannotBe() {
    for (String broken :
        List.of(
            "{\"added_tokens_decoder\": {\"3\": {\"content\": \"x\"}}}",
            "{\"added_tokens_decoder\": {\"-1\": {\"content\": \"x\"}}}",
            "{\"added_tokens_decoder\": {\"99999999\": {\"content\": \"x\"}}}",
            "{\"added_tokens_decoder\": {\"300\": {\"content\": \"\"}}}",
            "{\"added_tokens_decoder\": {\"300\": {\"content\": \"a\"}, \"301\": {\"content\": \"a\"}}}",
            "{\"added_tokens_decoder\": {\"300\": {\"content\": \"a\"}, \"0300\": {\"content\": \"b\"}}}",
            "{\"extra_ids\": 100001}",
            "{\"extra_ids\": -1}",
            "{\"extra_special_tokens\": [1]}",
            "{\"sentinels\": \"first\"}",
            "{\"pad_token\": \"\"}")) {
      TokenizerConfig config =
          TokenizerConfig.parse("broken", broken.getBytes(StandardCharsets.UTF_8));
      assertThrows(MalformedFileException.class, () -> ByteTokenizer.of(config), broken);
    }
  }

  @Test
  void survivesMutations() {
    long seed = Long.getLong("seed", 3);
    System.out.println("seed " + seed);
    SplittableRandom random = new SplittableRandom(seed);
    byte[] good = Golden.bytes("byt5.tokenizer_config.json");
    byte[] small =
        new String(good, 0, 700, StandardCharsets.UTF_8)
            .concat("}, \"extra_ids\": 3, \"pad_token\": \"<pad>\", \"sentinels\": \"last_bytes\"}")
            .getBytes(StandardCharsets.UTF_8);
    int runs = Integer.getInteger("fuzz.runs", 2000);
    for (int n = 0; n < runs; n++) {
      byte[] mutated = (n % 4 == 0 ? good : small).clone();
      for (int k = 1 + random.nextInt(4); k > 0; k--) {
        byte[] alphabet = "\"{}[]:,0129-eltrufasn \\u\n".getBytes(StandardCharsets.UTF_8);
        mutated[random.nextInt(mutated.length)] =
            random.nextBoolean()
                ? alphabet[random.nextInt(alphabet.length)]
                : (byte) random.nextInt(256);
      }
      try {
        ByteTokenizer read = ByteTokenizer.of(TokenizerConfig.parse("mutated", mutated));
        assertTrue(read.vocabularySize() >= 259);
        read.decode(read.encode(" <pad> a<extra_id_1></s> ").ids());
      } catch (MalformedFileException expected) {
        assertEquals("mutated", expected.path());
      }
    }
  }
}
