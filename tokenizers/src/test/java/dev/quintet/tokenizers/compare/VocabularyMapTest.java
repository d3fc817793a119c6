package dev.quintet.tokenizers.compare;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.tokenizers.Golden;
import dev.quintet.tokenizers.Tokenizer;
import dev.quintet.tokenizers.bytes.ByteTokenizer;
import dev.quintet.tokenizers.dual.DualTokenizer;
import dev.quintet.tokenizers.huggingface.TokenizerJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VocabularyMapTest {

  @TempDir Path folder;

  private Tokenizer t5;
  private Tokenizer bpe;

  @BeforeEach
  void make() throws IOException {
    Files.write(folder.resolve("spiece.model"), Golden.bytes("unigram-3000-t5ids.model"));
    Files.writeString(
        folder.resolve("tokenizer_config.json"),
        "{\"eos_token\": \"</s>\", \"pad_token\": \"<pad>\", \"tokenizer_class\": \"T5Tokenizer\","
            + " \"unk_token\": \"<unk>\"}");
    t5 = Tokenizer.load(folder);
    String file = "bytebpe-gpt4-3000.tokenizer.json";
    bpe = Tokenizer.of(TokenizerJson.parse(file, Golden.bytes(file)));
  }

  private static int id(Tokenizer tokenizer, String token) {
    return tokenizer.id(token).getAsInt();
  }

  @Test
  void copiesWhatIsThere() {
    VocabularyMap map = VocabularyMap.transfer(t5, bpe);
    assertEquals(bpe.vocabularySize(), map.newSize());
    assertEquals(t5.vocabularySize(), map.oldSize());
    assertArrayEquals(new int[] {id(t5, "▁the")}, map.sources(id(bpe, "Ġthe")));
    assertArrayEquals(new int[] {id(t5, "ing")}, map.sources(id(bpe, "ing")));
    assertArrayEquals(new int[] {id(t5, "a")}, map.sources(id(bpe, "a")));
    assertArrayEquals(new int[] {id(t5, "▁")}, map.sources(id(bpe, "Ġ")));
    assertArrayEquals(new int[] {0}, map.sources(id(bpe, "<pad>")));
    assertArrayEquals(new int[] {1}, map.sources(id(bpe, "</s>")));
    assertArrayEquals(new int[] {2}, map.sources(id(bpe, "<unk>")));
  }

  @Test
  void takesTheTokensThatTheOldTokenizerCutsANewOneInto() {
    VocabularyMap map = VocabularyMap.transfer(t5, bpe);
    int checked = 0;
    for (int id = 0; id < bpe.vocabularySize(); id++) {
      String token = bpe.token(id);
      if (!token.matches("Ġ?[A-Za-z]{2,}") || map.count(id) < 2) {
        continue;
      }
      StringBuilder spelled = new StringBuilder();
      for (int source : map.sources(id)) {
        spelled.append(t5.token(source));
      }
      assertEquals(token.replace('Ġ', '▁'), spelled.toString());
      checked++;
    }
    assertTrue(checked > 100, checked + " checked");
  }

  @Test
  void givesEverySourcelessTokenTheRowOfTheUnknown() {
    VocabularyMap map = VocabularyMap.transfer(t5, bpe);
    for (int id = 0; id < map.newSize(); id++) {
      assertTrue(map.count(id) > 0, bpe.token(id));
    }
    // New lines are normalized away; half characters are nothing to T5.
    assertArrayEquals(new int[] {id(t5, "▁")}, map.sources(id(bpe, "Ċ")));
    assertArrayEquals(new int[] {2}, map.sources(id(bpe, "ã")));
  }

  @Test
  void mapsAVocabularyToItselfAndToTheDualOne() {
    VocabularyMap same = VocabularyMap.transfer(t5, t5);
    DualTokenizer dual = DualTokenizer.of(t5, bpe).withCodeOffset(3200);
    VocabularyMap map = VocabularyMap.transfer(t5, dual);
    for (int id = 0; id < t5.vocabularySize(); id++) {
      assertArrayEquals(new int[] {id}, same.sources(id), t5.token(id));
      assertArrayEquals(new int[] {id}, map.sources(id), t5.token(id));
    }
    assertEquals(0, map.count(3150));
    assertArrayEquals(new int[] {id(t5, "▁the")}, map.sources(3200 + id(bpe, "Ġthe")));
  }

  @Test
  void spellsByBytesWhereTheOldVocabularyHasThem() {
    Tokenizer bytes = ByteTokenizer.of(ByteTokenizer.Sentinels.AFTER_BYTES);
    VocabularyMap map = VocabularyMap.transfer(bytes, bpe);
    assertArrayEquals(new int[] {35, 119, 107, 104}, map.sources(id(bpe, "Ġthe")));
    assertArrayEquals(new int[] {0xE3 + 3}, map.sources(id(bpe, "ã")));
  }

  @Test
  void growsByRowsWithoutASource() {
    VocabularyMap map = new VocabularyMap(3, new int[] {0, 1, 3}, new int[] {2, 0, 1});
    VocabularyMap grown = map.withRows(4);
    assertEquals(4, grown.newSize());
    assertArrayEquals(new int[] {0, 1}, grown.sources(1));
    assertEquals(0, grown.count(3));
    assertThrows(IllegalArgumentException.class, () -> map.withRows(1));
    int[] ids = {3};
    int[] offsets = {0, 1};
    assertThrows(IllegalArgumentException.class, () -> new VocabularyMap(3, offsets, ids));
    assertThrows(IllegalArgumentException.class, () -> new VocabularyMap(9, new int[] {0}, ids));
  }
}
