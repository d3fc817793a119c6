package dev.quintet.tokenizers;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What others have got wrong about T5's tokenizer; `SentencePieceGoldenTest` and `ByteTokenizerTest` say more.
class TokenizerTrapsTest {
  @TempDir Path folder;

  private Tokenizer t5() throws IOException {
    Files.write(folder.resolve("spiece.model"), Golden.bytes("unigram-3000-t5ids.model"));
    Files.writeString(
        folder.resolve("tokenizer_config.json"),
        "{\"tokenizer_class\": \"T5Tokenizer\", \"extra_ids\": 100, \"eos_token\": \"</s>\","
            + " \"pad_token\": \"<pad>\", \"unk_token\": \"<unk>\"}");
    return Tokenizer.load(folder);
  }

  @Test
  void trap14OneEndIsAddedAndSentinelsAreKeptUnlessTheyAreToGo() throws IOException {
    Tokenizer tokenizer = t5();
    int[] ids = tokenizer.encode("Thank you <extra_id_0> me <extra_id_1>").ids();
    assertEquals(1, Arrays.stream(ids).filter(id -> id == 1).count());
    assertEquals(1, ids[ids.length - 1]);
    assertArrayEquals(
        new int[] {3099, 3098}, Arrays.stream(ids).filter(id -> id >= 3000).toArray());
    // An infilling is read with the sentinels: leaving special tokens out loses them.
    assertEquals("Thank you<extra_id_0> me<extra_id_1></s>", tokenizer.decode(ids));
    assertEquals("Thank you me", tokenizer.decode(ids, true));
  }

  @Test
  void trap14AnEndInTheTextIsAnEndAndOneMoreIsAdded() throws IOException {
    int[] ids = t5().encode("Thank you </s>").ids();
    assertArrayEquals(new int[] {1, 1}, Arrays.copyOfRange(ids, ids.length - 2, ids.length));
  }

  @Test
  void trap14TheLastSentinelIsTheFirstIdBehindTheVocabulary() throws IOException {
    Tokenizer tokenizer = t5();
    assertEquals(3000, tokenizer.encode("<extra_id_99>", false).id(0));
    assertEquals(1, tokenizer.encode("<extra_id_99>", false).size());
    assertFalse(tokenizer.sentinelId(100).isPresent());
  }

  @Test
  void trap14WhatTheVocabularyLacksIsUnknownOnce() throws IOException {
    Tokenizer tokenizer = t5();
    int[] ids = tokenizer.encode("a \u2603\u2604 b", false).ids();
    assertEquals(1, Arrays.stream(ids).filter(id -> id == 2).count());
  }
}
