package dev.quintet.models.checkpoint;

import dev.quintet.core.io.MalformedFileException;
import dev.quintet.models.TinyModels;
import dev.quintet.models.json.JsonObject;
import dev.quintet.models.t5.T5ConfigFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;

/// Mutated `config.json` and `model.safetensors.index.json` are refused with a message, or read.
///
/// `-Dfuzz=10000000` for the long run, `-Dseed=N` to repeat one.
class FolderFilesFuzzTest {
  private static final Path PATH = Path.of("fuzz.json");
  private static final List<byte[]> CONFIGS =
      List.of(
          utf8(T5ConfigFile.write(TinyModels.v10(40)).toString()),
          utf8(T5ConfigFile.write(TinyModels.umt5(40)).toString()),
          utf8(
              "{\"architectures\": [\"T5ForSequenceClassification\"], \"num_labels\": 3,"
                  + " \"id2label\": {\"0\": \"a\", \"1\": \"b\", \"2\": \"c\"},"
                  + " \"classifier_dropout\": 0.1, \"eos_token_id\": [1, 2], \"d_ff\": null,"
                  + " \"problem_type\": \"regression\", \"task_specific_params\": {\"x\": [[1]]}}"));
  private static final List<byte[]> INDEXES =
      List.of(
          utf8(
              "{\"metadata\": {\"total_size\": 12, \"total_parameters\": 3}, \"weight_map\":"
                  + " {\"a.weight\": \"model-00001-of-00002.safetensors\","
                  + " \"b.weight\": \"model-00002-of-00002.safetensors\"}}"));
  private static final String[] PIECES = {
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\"",
    "\\",
    "\\u0000",
    "\\ud800",
    "\0",
    " ",
    "-1",
    "-0",
    "1e9",
    "1e999",
    "null",
    "true",
    "2147483648",
    "9223372036854775808",
    "0.5",
    "[[[[",
    "{\"a\":",
    "\"../x.safetensors\"",
    "\"num_labels\": 2147483647,",
    "\"d_model\": 2147483647,",
    "\"vocab_size\": 1e18,",
    "\"eos_token_id\": [],",
    "\"model_type\": \"mt5\",",
    "\u00ff",
    "NaN",
  };

  @Test
  void configurationsAreRefusedOrRead() {
    run(
        CONFIGS,
        bytes -> {
          T5ConfigFile file = T5ConfigFile.of(JsonObject.read(PATH, bytes));
          file.withWeights(true);
          file.withWeights(false);
          file.withoutWeights();
          file.architecture(Set.of("encoder.block.0"));
          file.task();
        });
  }

  @Test
  void indexesAreRefusedOrRead() {
    run(
        INDEXES,
        bytes -> {
          var index = WeightIndex.of(JsonObject.read(PATH, bytes), ".safetensors", name -> true);
          index
              .files()
              .values()
              .forEach(file -> Assertions.assertEquals(Path.of(file), Path.of(file).getFileName()));
        });
  }

  private interface Reading {
    void read(byte[] bytes);
  }

  private static void run(List<byte[]> corpus, Reading reading) {
    long seed = Long.getLong("seed", 6);
    int count = Integer.getInteger("fuzz", 10_000);
    System.out.println("seed " + seed + ", " + count + " files");
    var random = new SplittableRandom(seed);
    int read = 0;
    for (int i = 0; i < count; i++) {
      byte[] bytes = corpus.get(random.nextInt(corpus.size())).clone();
      for (int changes = random.nextInt(3); changes >= 0; changes--) {
        bytes = mutate(bytes, random);
      }
      try {
        reading.read(bytes);
        read++;
      } catch (MalformedFileException e) {
        Assertions.assertTrue(e.offset() >= 0 && e.offset() <= bytes.length, e.getMessage());
      } catch (IllegalArgumentException e) {
        Assertions.assertTrue(e.getMessage().contains("fuzz.json"), e.getMessage());
      } catch (RuntimeException | Error e) {
        throw new AssertionError(
            "seed " + seed + ", file " + i + ": " + new String(bytes, StandardCharsets.UTF_8), e);
      }
    }
    Assertions.assertTrue(read > count / 50, "only " + read + " were read");
  }

  private static byte[] mutate(byte[] bytes, SplittableRandom random) {
    int at = random.nextInt(bytes.length + 1);
    int end = Math.min(bytes.length, at + random.nextInt(9));
    return switch (random.nextInt(6)) {
      case 0 -> replaced(bytes, at, end, new byte[0]);
      case 1 -> replaced(bytes, at, at, Arrays.copyOfRange(bytes, at, end));
      case 2, 3 -> replaced(bytes, at, at, utf8(PIECES[random.nextInt(PIECES.length)]));
      case 4 -> {
        // Another value behind a key.
        int colon = at;
        while (colon < bytes.length && bytes[colon] != ':') {
          colon++;
        }
        int comma = colon;
        while (comma < bytes.length && bytes[comma] != ',' && bytes[comma] != '\n') {
          comma++;
        }
        yield colon < bytes.length
            ? replaced(bytes, colon + 1, comma, utf8(PIECES[random.nextInt(PIECES.length)]))
            : bytes;
      }
      default -> {
        byte[] copy = bytes.clone();
        if (at < copy.length) {
          copy[at] ^= (byte) (1 << random.nextInt(8));
        }
        yield copy;
      }
    };
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] replaced(byte[] bytes, int from, int to, byte[] piece) {
    byte[] out = new byte[bytes.length - (to - from) + piece.length];
    System.arraycopy(bytes, 0, out, 0, from);
    System.arraycopy(piece, 0, out, from, piece.length);
    System.arraycopy(bytes, to, out, from + piece.length, bytes.length - to);
    return out;
  }
}
