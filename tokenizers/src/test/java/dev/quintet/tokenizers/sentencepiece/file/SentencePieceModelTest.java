package dev.quintet.tokenizers.sentencepiece.file;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.tokenizers.Golden;
import dev.quintet.tokenizers.file.MalformedFileException;
import dev.quintet.tokenizers.sentencepiece.SentencePiece;
import dev.quintet.tokenizers.text.TokenBuffer;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class SentencePieceModelTest {

  /// A field of bytes, all shorter than 128.
  private static byte[] field(int number, byte[] content) {
    var out = new ByteArrayOutputStream();
    out.write(number << 3 | 2);
    out.write(content.length);
    out.writeBytes(content);
    return out.toByteArray();
  }

  private static byte[] piece(String text, int type) {
    var out = new ByteArrayOutputStream();
    out.writeBytes(field(1, text.getBytes(StandardCharsets.UTF_8)));
    out.writeBytes(new byte[] {3 << 3, (byte) type});
    return field(1, out.toByteArray());
  }

  private static byte[] join(byte[]... parts) {
    var out = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      out.writeBytes(part);
    }
    return out.toByteArray();
  }

  private static String refused(byte[]... parts) {
    return assertThrows(
            MalformedFileException.class, () -> SentencePieceModel.parse("test", join(parts)))
        .rule();
  }

  @Test
  void refusesWhatBreaksARule() {
    byte[] unknown = piece("<unk>", 2);
    assertEquals(1, SentencePieceModel.parse("test", unknown).size());
    assertEquals("expected one unknown piece, got none", refused(piece("a", 1)));
    assertTrue(refused(unknown, piece("", 1)).contains("not empty"));
    assertTrue(refused(unknown, piece("a", 1), piece("a", 4)).contains("\"a\" twice"));
    assertTrue(refused(unknown, piece("u", 2)).contains("one unknown piece"));
    assertTrue(refused(unknown, piece("a", 7)).contains("type from 1 to 6"));
    assertTrue(refused(unknown, piece("<0x41>", 6)).contains("only with byte_fallback"));
    byte[] fallback = field(2, new byte[] {(byte) 0x98, 2, 1});
    assertTrue(refused(unknown, fallback, piece("<0x41>", 6)).contains("256 byte pieces"));
    assertTrue(refused(unknown, fallback, piece("<0x4g>", 6)).contains("such as <0x0A>"));
    assertTrue(refused(unknown, new byte[] {0x0A, 100, 1}).contains("a length within"));
    assertTrue(refused(unknown, new byte[] {0x0A}).contains("1 more bytes"));
    assertTrue(refused(unknown, new byte[] {0x0B, 0}).contains("wire type"));
    assertTrue(refused(unknown, new byte[] {0x02, 0}).contains("field number"));
    assertTrue(refused(unknown, field(1, field(1, new byte[] {(byte) 0xFF}))).contains("as UTF-8"));
  }

  @Test
  void writesTheBytesThatItRead() {
    byte[] file = Golden.bytes("bpe-4000.model");
    assertArrayEquals(file, SentencePieceModel.parse("test", file).toBytes());
  }

  private static byte[] sample(byte[] text, byte[] pieces) {
    return field(4, field(1, join(field(1, text), field(2, pieces))));
  }

  /// What sentencepiece 0.2.2 takes and refuses.
  @Test
  void testsItselfWithTextsThatAreNoUtf8() {
    byte[] broken = {(byte) 0xFF};
    for (String name : new String[] {"unigram-3000-t5ids", "bpe-4000"}) {
      byte[] model = Golden.bytes(name + ".model");
      byte[] right = "\u2581a \ufffd \u2581b".getBytes(StandardCharsets.UTF_8);
      byte[] text =
          join("a".getBytes(StandardCharsets.UTF_8), broken, " b".getBytes(StandardCharsets.UTF_8));
      SentencePieceModel tested =
          SentencePieceModel.parse(
              name,
              join(
                  model,
                  sample(text, right),
                  sample(broken, "\u2581 \ufffd".getBytes(StandardCharsets.UTF_8))));
      assertEquals("a\ufffd b", tested.samples().getFirst().input());
      new SentencePiece(tested);
      for (byte[] wrong :
          new byte[][] {broken, join("\u2581 ".getBytes(StandardCharsets.UTF_8), broken)}) {
        SentencePieceModel refused =
            SentencePieceModel.parse(name, join(model, sample(text, wrong)));
        assertEquals(
            "self_test_data",
            assertThrows(MalformedFileException.class, () -> new SentencePiece(refused)).place());
      }
    }
  }

  @Test
  void survivesMutatedFiles() {
    long seed = Long.getLong("seed", 42);
    int runs = Integer.getInteger("fuzz.runs", 1000);
    System.out.println("seed " + seed);
    SplittableRandom random = new SplittableRandom(seed);
    byte[] whole = Golden.bytes("unigram-2500-userdefined.model");
    // Few pieces before the rules, so that most mutations reach something that matters.
    byte[] small =
        join(
            Arrays.copyOf(whole, endOfPieces(whole, 60)),
            Arrays.copyOfRange(whole, endOfPieces(whole, Integer.MAX_VALUE), whole.length));
    int read = 0;
    for (int n = 0; n < runs; n++) {
      byte[] mutated = small.clone();
      for (int k = random.nextInt(6); k >= 0; k--) {
        int at = random.nextInt(random.nextBoolean() ? 2000 : mutated.length);
        mutated[at] = (byte) random.nextInt(256);
      }
      if (random.nextInt(4) == 0) {
        mutated = Arrays.copyOf(mutated, random.nextInt(mutated.length));
      }
      try {
        SentencePiece pieces = new SentencePiece(SentencePieceModel.parse("mutated", mutated));
        String text = "Hello ﬁ e\u0301 ① ｶﾞ 日本 \u00a0x <sep>";
        TokenBuffer out = new TokenBuffer(8);
        pieces.encode(text, 0, text.length(), out);
        pieces.decode(out.ids());
        read++;
      } catch (MalformedFileException refused) {
        assertTrue(refused.getMessage().length() < 2000);
      }
    }
    assertTrue(read > runs / 20, "some mutations are harmless: " + read);
  }

  /// Where the n-th piece ends, or the last.
  private static int endOfPieces(byte[] file, int n) {
    int at = 0;
    for (int i = 0; i < n && file[at] == 0x0A; i++) {
      at += 2 + file[at + 1];
    }
    return at;
  }
}
