package dev.quintet.app.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.quintet.core.shape.Device;
import dev.quintet.models.t5.T5;
import dev.quintet.models.t5.T5Config;
import dev.quintet.models.text.TextToText;
import dev.quintet.tokenizers.Tokenizer;
import dev.quintet.trainer.GoldenFolder;
import dev.quintet.trainer.TinyText;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A user's road at the size of T5's vocabulary, which tests on small models do not reach: by the launcher, with classes
/// that are built already.
class RealSizeTest {
  private static final int VOCABULARY = 32_128;
  private static final long STEPS = 24;

  @TempDir Path folder;

  private Path data;
  private Path model;

  @BeforeEach
  void makeModel() throws IOException {
    data = TinyText.jsonl(folder.resolve("train.jsonl"), 200, 1);
    Path tokenizer = Files.createDirectory(folder.resolve("tokenizer"));
    Files.writeString(tokenizer.resolve("tokenizer.json"), tokenizer());
    T5Config config =
        T5Config.small()
            .withVocabSize(VOCABULARY)
            .withWidths(64, 16, 2, 64)
            .withLayers(1, 1)
            .withDropout(0.1f);
    model = folder.resolve("model");
    try (T5 t5 = T5.create(config, 1, Device.cpu())) {
      TextToText.of(t5, Tokenizer.load(tokenizer)).save(model);
    }
  }

  /// In the form of T5's own file: a unigram model whose pieces are the words of the data and thousands of others.
  private static String tokenizer() {
    Stream<String> words =
        TinyText.pairs(200, 1).list().stream()
            .flatMap(pair -> Arrays.stream(pair.source().split(" ")))
            .distinct()
            .sorted();
    List<String> pieces =
        Stream.concat(
                Stream.of("<pad>", "</s>", "<unk>"),
                Stream.concat(words, Stream.iterate(0, i -> i + 1).map(i -> "w" + i))
                    .map(word -> "\u2581" + word))
            .limit(VOCABULARY)
            .toList();
    String vocabulary =
        pieces.stream()
            .map(piece -> "[\"" + piece + "\",-" + (piece.startsWith("<") ? 0 : 5) + ".0]")
            .collect(Collectors.joining(","));
    String special =
        Stream.of(0, 1, 2)
            .map(id ->
                """
                {"id":%d,"content":"%s","single_word":false,"lstrip":false,"rstrip":false,"normalized":false,"special":true}\
                """
                    .formatted(id, pieces.get(id)))
            .collect(Collectors.joining(","));
    return """
    {"version":"1.0","truncation":null,"padding":null,"added_tokens":[%s],"normalizer":null,
     "pre_tokenizer":{"type":"Metaspace","replacement":"\u2581","prepend_scheme":"always","split":true},
     "post_processor":{"type":"TemplateProcessing",
       "single":[{"Sequence":{"id":"A","type_id":0}},{"SpecialToken":{"id":"</s>","type_id":0}}],
       "pair":[{"Sequence":{"id":"A","type_id":0}},{"Sequence":{"id":"B","type_id":0}}],
       "special_tokens":{"</s>":{"id":"</s>","ids":[1],"tokens":["</s>"]}}},
     "decoder":{"type":"Metaspace","replacement":"\u2581","prepend_scheme":"always","split":true},
     "model":{"type":"Unigram","unk_id":2,"vocab":[%s],"byte_fallback":false}}\
    """
        .formatted(special, vocabulary);
  }

  @Test
  void aKilledTrainingGoesOnBitForBitAndItsModelAnswers() throws Exception {
    assumeTrue(File.separatorChar == '/', "needs a shell");
    Path killed = folder.resolve("killed");
    Process first = start("train", "--config", config(killed));
    Path checkpoint = killed.resolve("checkpoints").resolve("step-4");
    for (int i = 0; i < 6000 && !Files.exists(checkpoint); i++) {
      assertFalse(first.waitFor(10, TimeUnit.MILLISECONDS), () -> read("err"));
    }
    first.destroyForcibly();
    assertEquals(128 + 9, first.waitFor(), read("err"));
    assertFalse(Files.exists(killed.resolve("last")), "it was killed before its end");

    assertEquals(0, finish(start("train", "--config", config(killed), "--resume")), read("err"));
    assertTrue(read("err").contains("continuing after step"), read("err"));

    Path alone = folder.resolve("alone");
    assertEquals(0, Main.commands().execute("train", "--config", config(alone)));
    for (String weights :
        List.of("last/model.safetensors", "checkpoints/step-" + STEPS + "/optimizer.safetensors")) {
      assertArrayEquals(
          Files.readAllBytes(alone.resolve(weights)),
          Files.readAllBytes(killed.resolve(weights)),
          weights);
    }

    String best = killed.resolve("best").toString();
    assertEquals(0, finish(start("generate", "--model", best, "red green blue")), read("err"));
    assertEquals(1, read("out").lines().count(), read("out"));
  }

  private String config(Path out) throws IOException {
    Path file = folder.resolve(out.getFileName() + ".json");
    Files.writeString(
        file,
        """
        {"model": "%s", "train": "%s", "source_field": "question", "target_field": "answer",
         "out": "%s", "steps": %d, "batch_size": 4, "save_every": 4, "learning_rate": 0.001}
        """
            .formatted(model, data, out, STEPS));
    return file.toString();
  }

  private Process start(String... arguments) throws IOException {
    var command = new ArrayList<>(List.of(GoldenFolder.PROJECT.resolve("quintet").toString()));
    command.addAll(List.of(arguments));
    var builder =
        new ProcessBuilder(command)
            .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
            .redirectOutput(folder.resolve("out").toFile())
            .redirectError(folder.resolve("err").toFile());
    String classes =
        Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
            .map(entry -> Path.of(entry).toAbsolutePath().toString())
            .collect(Collectors.joining(File.pathSeparator));
    builder.environment().put("QUINTET_CLASSPATH", classes);
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    return builder.start();
  }

  private static int finish(Process program) throws InterruptedException {
    assertTrue(program.waitFor(120, TimeUnit.SECONDS));
    return program.exitValue();
  }

  private String read(String file) {
    try {
      return Files.readString(folder.resolve(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
