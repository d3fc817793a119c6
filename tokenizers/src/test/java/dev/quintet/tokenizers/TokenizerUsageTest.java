package dev.quintet.tokenizers;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.tokenizers.bpe.ByteBpeTrainer;
import dev.quintet.tokenizers.file.MalformedFileException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.CharBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// How an application uses a tokenizer, and what it may rely on.
class TokenizerUsageTest {
  @TempDir Path folder;

  private Path file(String golden) throws IOException {
    return Files.write(folder.resolve("some file"), Golden.bytes(golden));
  }

  private static List<String> texts() {
    return Golden.list(Golden.json("texts.json"));
  }

  @Test
  void loadEncodeDecode() throws IOException {
    Tokenizer tokenizer = Tokenizer.load(file("bytebpe-gpt4-3000.tokenizer.json"));

    Encoding encoding = tokenizer.encode("The quick brown fox.");
    int[] ids = encoding.ids();
    assertEquals(tokenizer.eosId().getAsInt(), ids[ids.length - 1]);
    assertEquals("The quick brown fox.", tokenizer.decode(ids, true));
    assertEquals(
        "The", "The quick brown fox.".substring(encoding.start(0), encoding.end(0)).strip());

    int[] plain = tokenizer.encodeToIds("The quick brown fox.", false);
    assertArrayEquals(Arrays.copyOf(ids, ids.length - 1), plain);

    List<int[]> batch = tokenizer.encodeAllToIds(List.of("The quick", "brown fox."), false);
    assertArrayEquals(tokenizer.encodeToIds("brown fox.", false), batch.get(1));
  }

  @Test
  void anyCharSequenceWillDo() throws IOException {
    Tokenizer tokenizer = Tokenizer.load(file("unigram-3000-t5ids.model"));
    for (String text : texts()) {
      Encoding expected = tokenizer.encode(text);
      assertEquals(expected, tokenizer.encode(new StringBuilder(text)));
      assertEquals(expected, tokenizer.encode(CharBuffer.wrap(text.toCharArray())));
      assertArrayEquals(expected.ids(), tokenizer.encodeToIds(new StringBuilder(text), true));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "bytebpe-gpt2-1500.tokenizer.json",
        "bytebpe-identity-1000.tokenizer.json",
        "unigram-4000-bytefallback.model",
        "bpe-4000.model",
        "char.model"
      })
  void manyThreadsGetWhatOneGets(String golden) throws Exception {
    Tokenizer shared = Tokenizer.load(file(golden));
    List<String> texts = new ArrayList<>(texts());
    texts.addAll(Golden.corpus().subList(0, 300));
    // by a tokenizer that no other thread has used
    Tokenizer alone = Tokenizer.load(file(golden));
    List<Encoding> encodings = texts.stream().map(alone::encode).toList();
    List<String> decoded = encodings.stream().map(e -> alone.decode(e.ids())).toList();
    int threads = 8;
    var start = new CountDownLatch(threads);
    try (var pool = Executors.newFixedThreadPool(threads)) {
      List<Future<?>> running = new ArrayList<>();
      for (int t = 0; t < threads; t++) {
        int first = t * texts.size() / threads;
        running.add(
            pool.submit(() -> {
              start.countDown();
              start.await();
              for (int n = 0; n < texts.size(); n++) {
                int i = (first + n) % texts.size();
                Encoding expected = encodings.get(i);
                assertEquals(expected, shared.encode(texts.get(i)));
                assertArrayEquals(expected.ids(), shared.encodeToIds(texts.get(i), true));
                assertEquals(decoded.get(i), shared.decode(expected.ids()));
              }
              return null;
            }));
      }
      for (Future<?> one : running) {
        one.get();
      }
    }
  }

  @Test
  void batchesKeepTheOrderWhateverTheThreads() throws IOException {
    Tokenizer tokenizer = Tokenizer.load(file("unigram-3000-t5ids.model"));
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < 15; i++) {
      texts.addAll(texts());
    }
    List<int[]> expected = texts.stream().map(text -> tokenizer.encodeToIds(text, true)).toList();
    for (int threads : new int[] {1, 2, 7, 1000}) {
      List<int[]> ids = tokenizer.encodeAllToIds(texts, true, threads);
      assertTrue(Arrays.deepEquals(expected.toArray(), ids.toArray()));
    }
    assertEquals(List.of(), tokenizer.encodeAllToIds(List.of(), false));
    assertThrows(IllegalArgumentException.class, () -> tokenizer.encodeAllToIds(texts, false, 0));
  }

  @Test
  void aBatchNamesTheFirstTextThatCannotBeEncoded() throws IOException {
    Tokenizer tokenizer = Tokenizer.load(file("bytebpe-gpt4-3000.tokenizer.json"));
    List<String> texts = new ArrayList<>(Collections.nCopies(500, "some text"));
    texts.set(77, null);
    texts.set(78, null);
    texts.set(400, null);
    for (int threads : new int[] {1, 2, 8}) {
      for (int n = 0; n < 20; n++) {
        var failed =
            assertThrows(IllegalArgumentException.class, () -> tokenizer.encodeAll(texts, threads));
        assertTrue(failed.getMessage().contains("text 77 "), failed.getMessage());
      }
    }
  }

  @Test
  void aSentencePieceModelWinsWhenAskedFor() throws IOException {
    Files.write(folder.resolve("spiece.model"), Golden.bytes("unigram-3000-t5ids.model"));
    ByteBpeTrainer.of(300).train(Golden.corpus()).write(folder.resolve("tokenizer.json"));
    assertEquals(300, Tokenizer.load(folder).vocabularySize());
    assertEquals(3000, Tokenizer.loadSentencePiece(folder).vocabularySize());
    assertEquals(
        3000, Tokenizer.loadSentencePiece(folder.resolve("spiece.model")).vocabularySize());
    assertThrows(
        MalformedFileException.class,
        () -> Tokenizer.loadSentencePiece(folder.resolve("tokenizer.json")));
    assertThrows(
        UncheckedIOException.class, () -> Tokenizer.loadSentencePiece(folder.resolve("none")));
  }
}
