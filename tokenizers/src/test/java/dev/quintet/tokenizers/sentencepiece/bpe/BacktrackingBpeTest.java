package dev.quintet.tokenizers.sentencepiece.bpe;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.quintet.tokenizers.sentencepiece.file.ProtoWriter;
import dev.quintet.tokenizers.sentencepiece.file.SentencePieceModel;
import dev.quintet.tokenizers.sentencepiece.file.SentencePieceModel.Type;
import dev.quintet.tokenizers.text.ByteTrie;
import dev.quintet.tokenizers.text.Segments;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class BacktrackingBpeTest {

  private static String text(SplittableRandom random, int length) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < length; i++) {
      text.append("ab\u00e9c\u2581".charAt(random.nextInt(2 + random.nextInt(4))));
    }
    return text.toString();
  }

  /// Scores in no order, many of them equal, and pieces that nothing merges into.
  private static SentencePieceModel vocabulary(SplittableRandom random) {
    Set<String> pieces = new LinkedHashSet<>(List.of("a", "b", "\u2581"));
    for (int i = random.nextInt(40); i > 0; i--) {
      pieces.add(text(random, 1 + random.nextInt(random.nextBoolean() ? 2 : 5)));
    }
    ProtoWriter file = new ProtoWriter();
    file.message(1, new ProtoWriter().string(1, "<unk>").number(3, 2));
    int scores = 1 + random.nextInt(30);
    boolean ordered = random.nextBoolean();
    int rank = 0;
    for (String piece : pieces) {
      float score = ordered ? -rank++ : random.nextInt(scores);
      int type = random.nextInt(20) == 0 ? 4 : 1;
      file.message(1, new ProtoWriter().string(1, piece).float32(2, score).number(3, type));
    }
    file.message(2, new ProtoWriter().number(3, 2));
    return SentencePieceModel.parse("random", file.toBytes());
  }

  private static ByteTrie trie(SentencePieceModel model, Set<Type> types) {
    List<byte[]> texts = new ArrayList<>();
    int[] ids = new int[model.size()];
    for (int id = 0; id < model.size(); id++) {
      if (types.contains(model.type(id))) {
        ids[texts.size()] = id;
        texts.add(model.piece(id).getBytes(StandardCharsets.UTF_8));
      }
    }
    return ByteTrie.of(texts, ids);
  }

  @Test
  void givesWhatMergingGivesWhateverTheScores() {
    long seed = Long.getLong("seed", 11);
    System.out.println("seed " + seed);
    SplittableRandom random = new SplittableRandom(seed);
    for (int n = 0; n < Integer.getInteger("bpe.vocabularies", 2000); n++) {
      SentencePieceModel model = vocabulary(random);
      SentencePieceBpe bpe =
          new SentencePieceBpe(
              model,
              trie(model, Set.of(Type.NORMAL, Type.USER_DEFINED)),
              trie(model, Set.of(Type.USER_DEFINED)),
              trie(model, Set.of(Type.UNKNOWN)));
      for (int k = 0; k < 20; k++) {
        String text = text(random, random.nextInt(60));
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        Segments expected = new Segments();
        bpe.segmentByMerging(bytes, bytes.length, expected);
        Segments segments = new Segments();
        bpe.segment(bytes, bytes.length, segments);
        assertArrayEquals(expected.ids(), segments.ids(), () -> text);
        for (int i = 0; i < segments.size(); i++) {
          assertEquals(expected.end(i), segments.end(i), text);
        }
      }
    }
  }
}
