package dev.quintet.tokenizers.sentencepiece.normalize;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.quintet.tokenizers.Golden;
import dev.quintet.tokenizers.sentencepiece.file.NormalizerSpec;
import dev.quintet.tokenizers.sentencepiece.file.SentencePieceModel;
import dev.quintet.tokenizers.text.ByteTrie;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The cases of the reference's own tests, and what it was seen to do.
class SentencePieceNormalizerTest {

  private static final byte[] RULES =
      SentencePieceModel.parse("rules", Golden.bytes("bpe-4000.model")).normalizer().charsmap();

  private static AlignedBytes normalize(
      byte[] text, boolean dummy, boolean remove, boolean escape, boolean suffix) {
    NormalizerSpec spec = new NormalizerSpec("nmt_nfkc", RULES, dummy, remove, escape);
    ByteTrie none = ByteTrie.of(List.of(), new int[0]);
    return new SentencePieceNormalizer(spec, none, suffix).normalize(text, true);
  }

  private static String string(AlignedBytes normalized) {
    return new String(normalized.bytes(), 0, normalized.size(), StandardCharsets.UTF_8);
  }

  private static String plain(String text) {
    return string(normalize(text.getBytes(StandardCharsets.UTF_8), true, true, true, false));
  }

  @Test
  void normalizesAsTheReference() {
    assertEquals("", plain(""));
    assertEquals("", plain("      "));
    assertEquals("", plain("\u3000"));
    assertEquals("\u2581ABC", plain("ABC"));
    assertEquals("\u2581ABC", plain(" ABC "));
    assertEquals("\u2581A\u2581B\u2581C", plain("  A  B  C  "));
    assertEquals("\u2581ABC", plain("   ABC   "));
    assertEquals("\u2581ABC", plain("\uff21\uff22\uff23"));
    assertEquals("\u2581(\u682a)", plain("\u3231"));
    assertEquals("\u2581\u30b0\u30fc\u30b0\u30eb", plain("\uff78\uff9e\uff70\uff78\uff9e\uff99"));
    assertEquals(
        "\u2581I\u2581saw\u2581a\u2581girl", plain(" I  saw a\u3000 \u3000girl\u3000\u3000"));
    assertEquals("\u2581" + "I".repeat(10_000), plain("\u2160".repeat(10_000)));
  }

  @ParameterizedTest
  @CsvSource({
    "false, false, false, '  a  b  '",
    "false, false, true, '\u2581\u2581a\u2581\u2581b\u2581\u2581'",
    "false, true, false, 'a b'",
    "false, true, true, 'a\u2581b'",
    "true, false, false, '   a  b  '",
    "true, false, true, '\u2581\u2581\u2581a\u2581\u2581b\u2581\u2581'",
    "true, true, false, ' a b'",
    "true, true, true, '\u2581a\u2581b'",
  })
  void treatsSpacesAsTold(boolean dummy, boolean remove, boolean escape, String expected) {
    byte[] text = "  a  b  ".getBytes(StandardCharsets.UTF_8);
    assertEquals(expected, string(normalize(text, dummy, remove, escape, false)));
    String suffixed = string(normalize(text, dummy, remove, escape, true));
    String space = escape ? "\u2581" : " ";
    assertEquals(dummy ? expected.substring(1) + space : expected, suffixed);
  }

  @Test
  void knowsWhereEachByteCameFrom() {
    AlignedBytes normalized =
        normalize("  A  \u3231 b ".getBytes(StandardCharsets.UTF_8), true, true, true, false);
    assertEquals("\u2581A\u2581(\u682a)\u2581b", string(normalized));
    assertArrayEquals(
        new int[] {2, 2, 2, 2, 3, 3, 3, 5, 5, 5, 5, 5, 8, 8, 8, 9, 10},
        IntStream.rangeClosed(0, normalized.size()).map(normalized::origin).toArray());
  }

  @Test
  void replacesEachBrokenByte() {
    byte[] broken = {'a', 'b', (byte) 0xE3, (byte) 0x81, 'x', 'y'};
    AlignedBytes normalized = normalize(broken, false, true, true, false);
    assertEquals("ab\u2581xy", string(normalized).replaceAll("\ufffd+", "\u2581"));
    byte[] alone = {(byte) 0xFF};
    assertEquals("\ufffd", string(normalize(alone, false, false, true, false)));
  }
}
