package dev.quintet.tokenizers.dual;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.tokenizers.Tokenizer;
import dev.quintet.tokenizers.bpe.ByteBpeTrainer;
import dev.quintet.tokenizers.file.MalformedFileException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SeparateTokenizersTest {

  @TempDir Path folder;

  private final Tokenizer source =
      Tokenizer.of(ByteBpeTrainer.of(280).train(List.of("say what it does", "what it says")));
  private final Tokenizer target =
      Tokenizer.of(ByteBpeTrainer.of(290).train(List.of("return n == 0;", "return n != 1;")));

  @Test
  void aFolderOfTwoIsLoadedAsTheTargetsTokenizerWhichKnowsTheSources() {
    new SeparateTokenizers(source, target).save(folder);
    Tokenizer loaded = Tokenizer.load(folder);
    assertInstanceOf(SeparateTokenizers.class, loaded);
    assertEquals(target.vocabularySize(), loaded.vocabularySize());
    assertEquals(source.vocabularySize(), loaded.source().vocabularySize());
    int[] ids = target.encodeToIds("return n", true);
    assertArrayEquals(ids, loaded.encodeToIds("return n", true));
    assertEquals("return n</s>", loaded.decode(ids));
    assertEquals("return n", loaded.decode(ids, true));
    assertArrayEquals(
        source.encodeToIds("what it does", true),
        loaded.source().encodeToIds("what it does", true));
    assertSame(source, source.source());
  }

  @Test
  void refusesTwoWithOtherSpecialTokens() {
    Tokenizer other =
        Tokenizer.of(
            ByteBpeTrainer.of(290)
                .withSpecialTokens(List.of("</s>", "<pad>"))
                .train(List.of("return n")));
    var refused =
        assertThrows(IllegalArgumentException.class, () -> new SeparateTokenizers(source, other));
    assertTrue(refused.getMessage().contains("the same id for padding"), refused.getMessage());
    new SeparateTokenizers(source, target).save(folder);
    other.save(folder.resolve("target"));
    assertThrows(MalformedFileException.class, () -> Tokenizer.load(folder));
  }
}
