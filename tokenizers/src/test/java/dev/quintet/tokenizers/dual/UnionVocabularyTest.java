package dev.quintet.tokenizers.dual;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.tokenizers.Encoding;
import dev.quintet.tokenizers.Golden;
import dev.quintet.tokenizers.SharedData;
import dev.quintet.tokenizers.Tokenizer;
import dev.quintet.tokenizers.huggingface.TokenizerConfig;
import dev.quintet.tokenizers.huggingface.TokenizerJson;
import dev.quintet.tokenizers.sentencepiece.file.SentencePieceEntry;
import dev.quintet.tokenizers.sentencepiece.file.SentencePieceModel;
import dev.quintet.tokenizers.sentencepiece.file.SentencePieceModel.Type;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UnionVocabularyTest {

  private static final String CONFIG =
      "{\"eos_token\": \"</s>\", \"pad_token\": \"<pad>\", \"tokenizer_class\": \"T5Tokenizer\","
          + " \"unk_token\": \"<unk>\"}";

  @TempDir Path folder;

  private final SentencePieceModel model =
      SentencePieceModel.parse("t5", Golden.bytes("unigram-3000-t5ids.model"));
  private final TokenizerConfig config =
      TokenizerConfig.parse("config", CONFIG.getBytes(StandardCharsets.UTF_8));
  private Tokenizer old;
  private Tokenizer second;

  @BeforeEach
  void make() throws IOException {
    Path t5 = Files.createDirectories(folder.resolve("t5"));
    model.write(t5.resolve("spiece.model"));
    Files.writeString(t5.resolve("tokenizer_config.json"), CONFIG);
    old = Tokenizer.load(t5);
    String file = "bytebpe-gpt4-3000.tokenizer.json";
    second = Tokenizer.of(TokenizerJson.parse(file, Golden.bytes(file)));
  }

  private Tokenizer saved(UnionVocabulary union) {
    union.save(folder.resolve("union"));
    return Tokenizer.load(folder.resolve("union"));
  }

  @Test
  void keepsOldIdsAndSentinels() {
    List<SentencePieceEntry> pieces = UnionVocabulary.piecesOf(model, second);
    assertTrue(pieces.size() > 500, () -> pieces.size() + " pieces");
    UnionVocabulary union = UnionVocabulary.extend(model, Optional.empty(), config, pieces);
    Tokenizer extended = saved(union);
    assertEquals(old.vocabularySize(), union.firstNewId());
    assertEquals(old.vocabularySize() + pieces.size(), extended.vocabularySize());
    for (int id = 0; id < old.vocabularySize(); id++) {
      assertEquals(old.token(id), extended.token(id));
    }
    for (int i = 0; i < 100; i++) {
      assertEquals(old.sentinelId(i), extended.sentinelId(i));
    }
    assertEquals(OptionalInt.of(union.firstNewId()), extended.id(pieces.getFirst().piece()));
    assertEquals(old.encode("<extra_id_0>").ids()[0], extended.encode("<extra_id_0>").ids()[0]);
    assertEquals(old.eosId(), extended.eosId());
  }

  @Test
  void segmentsAsBeforeWhereNoNewPieceIsUsed() {
    List<SentencePieceEntry> pieces = UnionVocabulary.piecesOf(model, second);
    UnionVocabulary union = UnionVocabulary.extend(model, Optional.empty(), config, pieces);
    Tokenizer extended = saved(union);
    int same = 0;
    int shorter = 0;
    for (String line : Golden.corpus()) {
      Encoding before = old.encode(line);
      Encoding after = extended.encode(line);
      if (Arrays.stream(after.ids()).allMatch(id -> id < union.firstNewId())) {
        assertEquals(before, after);
        same++;
      }
      shorter += after.size() < before.size() ? 1 : 0;
      assertEquals(old.decode(before.ids()), old.decode(old.encode(line).ids()));
    }
    assertTrue(same > 0 && shorter > 0, same + " the same, " + shorter + " shorter");
  }

  @Test
  void prefersUserDefinedPiecesToAll() {
    List<SentencePieceEntry> pieces =
        List.of(
            new SentencePieceEntry("\u00b6", 0, Type.USER_DEFINED),
            new SentencePieceEntry("\n", 0, Type.USER_DEFINED),
            new SentencePieceEntry("▁qwx", -5, Type.NORMAL));
    Tokenizer extended = saved(UnionVocabulary.extend(model, Optional.empty(), config, pieces));
    int first = old.vocabularySize();
    int[] ids = extended.encode("a\u00b6\n qwx", false).ids();
    assertEquals(1, Arrays.stream(ids).filter(id -> id == first).count());
    assertEquals(1, Arrays.stream(ids).filter(id -> id == first + 1).count());
    assertEquals(first + 2, ids[ids.length - 1]);
    assertEquals("a\u00b6\n qwx", extended.decode(ids));
  }

  @Test
  void refusesPiecesThatAreThere() {
    for (SentencePieceEntry piece :
        List.of(
            new SentencePieceEntry(model.piece(100), 0, Type.NORMAL),
            new SentencePieceEntry("<extra_id_3>", 0, Type.NORMAL),
            new SentencePieceEntry("new", 0, Type.CONTROL))) {
      assertThrows(
          IllegalArgumentException.class,
          () -> UnionVocabulary.extend(model, Optional.empty(), config, List.of(piece)));
    }
    SentencePieceModel bpe = SentencePieceModel.parse("bpe", Golden.bytes("bpe-4000.model"));
    assertThrows(
        IllegalArgumentException.class,
        () -> UnionVocabulary.extend(bpe, Optional.empty(), config, List.of()));
  }

  @Test
  void extendsRealT5InBothItsFiles() {
    Path t5 = SharedData.file("t5/spiece.model").getParent();
    Tokenizer code = Tokenizer.load(SharedData.file("tokenizer-bench/gpt_32k.json"));
    SentencePieceModel real = SentencePieceModel.read(t5.resolve("spiece.model"));
    List<SentencePieceEntry> pieces = UnionVocabulary.piecesOf(real, code);
    UnionVocabulary union = UnionVocabulary.extend(t5, pieces);
    assertEquals(32100, union.firstNewId());
    String keep = System.getProperty("quintet.union", folder.resolve("real").toString());
    union.save(Path.of(keep));
    Tokenizer fast = Tokenizer.load(Path.of(keep));
    Tokenizer plain = Tokenizer.load(Path.of(keep).resolve("spiece.model"));
    String text = "public static void main(String[] args) { return x <extra_id_5> y; }";
    assertEquals(OptionalInt.of(32094), fast.sentinelId(5));
    assertTrue(Arrays.stream(fast.encode(text).ids()).anyMatch(id -> id == 32094));
    assertTrue(Arrays.stream(plain.encode("String[] args) {").ids()).anyMatch(id -> id >= 32100));
    assertEquals(
        "public static void main", fast.decode(fast.encode("public static void main").ids(), true));
  }
}
