package dev.quintet.tokenizers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BareModelTest {
  private static final Path MODEL =
      Path.of("src/test/resources/dev/quintet/tokenizers/golden/unigram-3000-t5ids.model")
          .toAbsolutePath();

  @TempDir Path folder;

  @Test
  void aSentencePieceModelIsTakenForT5sOnlyByWhoAsks() {
    Tokenizer plain = Tokenizer.load(MODEL);
    Tokenizer t5 = Tokenizer.loadT5(MODEL);
    int[] ids = plain.encodeToIds("the man", true);
    int[] ended = t5.encodeToIds("the man", true);
    assertEquals(ids.length + 1, ended.length);
    assertEquals(t5.eosId().orElseThrow(), ended[ids.length]);
    assertFalse(plain.sentinelId(0).isPresent());
    assertTrue(t5.sentinelId(99).isPresent());

    // and stays so where it is saved
    t5.save(folder.resolve("saved"));
    Tokenizer again = Tokenizer.load(folder.resolve("saved"));
    assertEquals(t5.vocabularySize(), again.vocabularySize());
    assertEquals(ended.length, again.encodeToIds("the man", true).length);
  }
}
