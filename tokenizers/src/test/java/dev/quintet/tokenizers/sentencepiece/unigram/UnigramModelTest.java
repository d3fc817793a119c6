package dev.quintet.tokenizers.sentencepiece.unigram;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.quintet.tokenizers.sentencepiece.file.ProtoWriter;
import dev.quintet.tokenizers.sentencepiece.file.SentencePieceModel;
import dev.quintet.tokenizers.text.Segments;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class UnigramModelTest {

  private static String text(SplittableRandom random, int length) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < length; i++) {
      text.append("a\u2581bc\u00e9\0".charAt(random.nextInt(2 + random.nextInt(5))));
    }
    return text.toString();
  }

  @Test
  void givesTheSameWordByWordAndAllAtOnceThoughRoundingDecides() {
    long seed = Long.getLong("seed", 5);
    System.out.println("seed " + seed);
    SplittableRandom random = new SplittableRandom(seed);
    for (int n = 0; n < Integer.getInteger("unigram.vocabularies", 300); n++) {
      Set<String> pieces = new LinkedHashSet<>(List.of("a", "b"));
      for (int i = random.nextInt(40); i > 0; i--) {
        String piece = text(random, 1 + random.nextInt(5));
        pieces.add(n % 2 == 0 ? piece : "\u2581" + piece.replace("\u2581", ""));
      }
      ProtoWriter file = new ProtoWriter();
      file.message(1, new ProtoWriter().string(1, "<unk>").number(3, 2));
      List<byte[]> texts = new ArrayList<>();
      for (String piece : pieces) {
        // Sums of these are often equal but for rounding.
        float score = -random.nextInt(1, 60) / (n % 3 == 0 ? 10f : 16f);
        int type = random.nextInt(20) == 0 ? 4 : 1;
        file.message(1, new ProtoWriter().string(1, piece).float32(2, score).number(3, type));
        texts.add(piece.getBytes(StandardCharsets.UTF_8));
      }
      SentencePieceModel model = SentencePieceModel.parse("random", file.toBytes());
      int[] ids = new int[texts.size()];
      for (int i = 0; i < ids.length; i++) {
        ids[i] = i + 1;
      }
      UnigramModel unigram = new UnigramModel(model, texts, ids);
      for (int k = 0; k < 30; k++) {
        String text = text(random, random.nextInt(random.nextInt(4) == 0 ? 3000 : 60));
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        Segments expected = new Segments();
        unigram.segment(bytes, bytes.length, false, expected);
        Segments segments = new Segments();
        unigram.segment(bytes, bytes.length, true, segments);
        assertArrayEquals(expected.ids(), segments.ids(), () -> text);
      }
    }
  }
}
