package dev.quintet.tokenizers.bpe;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.tokenizers.Golden;
import dev.quintet.tokenizers.Mutation;
import dev.quintet.tokenizers.Tokenizer;
import dev.quintet.tokenizers.file.MalformedFileException;
import dev.quintet.tokenizers.huggingface.VocabAndMerges;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Files of lines: tiktoken's, and merges.
class TiktokenFileTest {

  private static List<byte[]> parse(String text) {
    return TiktokenFile.parse("test", text.getBytes(StandardCharsets.UTF_8));
  }

  private static void refused(String place, String text) {
    assertEquals(place, assertThrows(MalformedFileException.class, () -> parse(text)).place());
  }

  @Test
  void readsLinesOfBase64AndRanks() {
    List<byte[]> tokens = parse("IQ== 0\nIg== 1\r\nISI= 2\n");
    assertEquals(3, tokens.size());
    assertArrayEquals("!\"".getBytes(StandardCharsets.UTF_8), tokens.get(2));
    assertTrue(TiktokenFile.mayBe("IQ== 0\n".getBytes(StandardCharsets.UTF_8)));
    assertFalse(TiktokenFile.mayBe("{\"a\": 0}\n".getBytes(StandardCharsets.UTF_8)));
  }

  @Test
  void refusesWhatBreaksARule() {
    refused("line 1", "IQ== 1\n");
    refused("line 2", "IQ== 0\nIQ== 1\n");
    refused("line 2", "IQ== 0\nIg==1\n");
    refused("line 1", "I!== 0\n");
    refused("line 1", " 0\n");
  }

  @Test
  void readsAFolderWithAVocabularyAndMerges(@TempDir Path folder) throws IOException {
    var root = Golden.object(Golden.json("bytebpe-gpt2-1500.tokenizer.json"));
    var model = Golden.object(root.get("model"));
    StringBuilder merges = new StringBuilder("#version: 0.2\n");
    for (Object merge : Golden.<Object>list(model.get("merges"))) {
      merges.append(String.join(" ", Golden.<String>list(merge))).append('\n');
    }
    Files.writeString(folder.resolve("x-vocab.json"), Golden.write(model.get("vocab")));
    Files.writeString(folder.resolve("x-merges.txt"), merges);
    Tokenizer tokenizer = Tokenizer.load(folder);
    var recorded = Golden.object(Golden.json("bytebpe-gpt2-1500.ids.json"));
    List<String> texts = Golden.list(Golden.json("texts.json"));
    for (int i = 0; i < texts.size(); i++) {
      if (!texts.get(i).contains("<pad>") && !texts.get(i).contains("</s>")) {
        int[] expected = Golden.ints(Golden.list(recorded.get("ids")).get(i));
        int[] ids = tokenizer.encode(texts.get(i)).ids();
        assertArrayEquals(Arrays.copyOf(expected, expected.length - 1), ids);
      }
    }
    Files.writeString(folder.resolve("x-merges.txt"), "a b c\n");
    assertEquals(
        "line 1", assertThrows(MalformedFileException.class, () -> Tokenizer.load(folder)).place());
  }

  /// Mutated files are read or refused, with nothing but the declared exception.
  @Test
  void survivesMutatedFiles() {
    long seed = Long.getLong("seed", 42);
    int runs = Integer.getInteger("fuzz.runs", 5000);
    System.out.println("seed " + seed);
    SplittableRandom random = new SplittableRandom(seed);
    byte[] file = "IQ== 0\nIg== 1\r\nISI= 2\n\nYWJj 3\n/+8= 4\n".getBytes(StandardCharsets.UTF_8);
    int read = 0;
    for (int n = 0; n < runs; n++) {
      byte[] mutated = Mutation.of(file, random);
      boolean recognised = TiktokenFile.mayBe(mutated);
      try {
        List<byte[]> tokens = TiktokenFile.parse("mutated", mutated);
        assertTrue(tokens.stream().allMatch(token -> token.length > 0));
        read += recognised ? 1 : 0;
        assertThrows(
            MalformedFileException.class,
            () -> Tiktoken.describe("mutated", tokens),
            "nobody has so few tokens");
      } catch (MalformedFileException refused) {
        assertTrue(refused.getMessage().length() < 2000);
      }
    }
    assertTrue(read > runs / 100, "some mutations are harmless: " + read);
  }

  /// Of a vocabulary and merges one or both are mutated; a tokenizer that was read encodes and
  /// decodes.
  @Test
  void survivesMutatedVocabulariesAndMerges() {
    long seed = Long.getLong("seed", 42);
    int runs = Integer.getInteger("fuzz.runs", 3000);
    System.out.println("seed " + seed);
    SplittableRandom random = new SplittableRandom(seed);
    byte[] vocab =
        "{\"a\": 0, \"b\": 1, \"ab\": 2, \"\\u0120\": 3, \"Ġa\": 4, \"abb\": 5, \"Ã\": 6, \"©\": 7}"
            .getBytes(StandardCharsets.UTF_8);
    byte[] merges = "#version: 0.2\na b\r\nĠ a\nab b\n\n".getBytes(StandardCharsets.UTF_8);
    int read = 0;
    for (int n = 0; n < runs; n++) {
      int which = n % 3;
      byte[] tokens = which == 0 ? vocab : Mutation.of(vocab, random);
      byte[] lines = which == 1 ? merges : Mutation.of(merges, random);
      try {
        Tokenizer tokenizer =
            Tokenizer.of(VocabAndMerges.parse("vocab.json", tokens, "merges.txt", lines));
        int[] ids = tokenizer.encode("ab a é abb abab").ids();
        assertTrue(tokenizer.decode(ids).length() < 1000);
        read++;
      } catch (MalformedFileException refused) {
        assertTrue(refused.getMessage().length() < 2000);
      }
    }
    assertTrue(read > runs / 100, "some mutations are harmless: " + read);
  }
}
