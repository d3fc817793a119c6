package dev.quintet.core.io;

import static dev.quintet.core.io.SafetensorsBytes.tensor;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Mutates files and lets the reader either refuse them or give every byte it promises.
///
/// `-Dfuzz=10000000` for the long run, `-Dseed=N` to repeat one.
class SafetensorsFuzzTest {
  @TempDir Path folder;

  private static final List<byte[]> CORPUS =
      List.of(
          SafetensorsBytes.of("{}", 0),
          SafetensorsBytes.of("{" + tensor("a", "F32", "[2,3]", 0, 24) + "}    ", 24),
          SafetensorsBytes.of(
              "{\"__metadata__\":{\"format\":\"pt\"},"
                  + tensor("w", "BF16", "[3]", 0, 6)
                  + ","
                  + tensor("b\u00e9", "I64", "[]", 6, 14)
                  + ","
                  + tensor("e", "F4", "[0,7]", 14, 14)
                  + "}",
              14));

  private static final String[] PIECES = {
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\"",
    "\\",
    "\\ud800",
    "\0",
    " ",
    "-0",
    "1e9",
    "null",
    "true",
    "9223372036854775808",
    "18446744073709551616",
    "4611686018427387904",
    "[[[[",
    "\"a\":{}",
    "\"__metadata__\":",
    "\"dtype\":\"U8\"",
    "\"shape\":[0]",
    "\"data_offsets\":[0,0]",
    "\u00ff",
  };

  @Test
  void mutatedFilesAreRefusedOrReadable() throws IOException {
    long seed = Long.getLong("seed", 77);
    int count = Integer.getInteger("fuzz", 20_000);
    System.out.println("seed " + seed + ", " + count + " files");
    var random = new SplittableRandom(seed);
    Path path = folder.resolve("fuzz.safetensors");
    int opened = 0;
    for (int i = 0; i < count; i++) {
      byte[] bytes = CORPUS.get(random.nextInt(CORPUS.size())).clone();
      for (int changes = random.nextInt(4); changes >= 0; changes--) {
        bytes = mutate(bytes, random);
      }
      try {
        parse(path, bytes);
        opened++;
        // Through a real file for a part only: mapping takes a hundred times the parsing.
        if (opened % 8 == 0) {
          Files.write(path, bytes);
          try (var file = SafetensorsFile.open(path)) {
            useAll(file, bytes.length);
          }
        }
      } catch (MalformedFileException e) {
        Assertions.assertTrue(e.offset() >= 0 && e.offset() <= bytes.length, e.getMessage());
      } catch (RuntimeException e) {
        throw new AssertionError("seed " + seed + ", file " + i + ": " + Arrays.toString(bytes), e);
      }
    }
    Assertions.assertTrue(
        opened > count / 100, "only " + opened + " opened: the mutations are too rough");
  }

  private static void parse(Path path, byte[] bytes) {
    var memory = MemorySegment.ofArray(bytes);
    if (bytes.length < 8) {
      throw new MalformedFileException(path, 0, "too short");
    }
    long prefix = memory.get(JAVA_LONG_UNALIGNED.withOrder(LITTLE_ENDIAN), 0);
    var header =
        SafetensorsHeader.parse(
            path, memory, SafetensorsHeader.checkedLength(path, prefix, bytes.length));
    for (TensorEntry entry : header.tensors().values()) {
      memory.asSlice(entry.offset(), entry.bytes());
    }
  }

  private static void useAll(SafetensorsFile file, int size) {
    long covered = 0;
    for (String name : file.names()) {
      TensorEntry entry = file.entry(name);
      Assertions.assertTrue(entry.offset() >= 8 && entry.offset() + entry.bytes() <= size);
      covered += file.segment(name).byteSize();
      try {
        file.floats(name);
        file.ints(name);
      } catch (IllegalArgumentException e) {
        // A type that is not read as these numbers.
      }
    }
    Assertions.assertTrue(covered <= size);
  }

  private static byte[] mutate(byte[] bytes, SplittableRandom random) {
    int at = random.nextInt(bytes.length + 1);
    return switch (random.nextInt(7)) {
      case 0 -> Arrays.copyOf(bytes, at);
      case 1 -> Arrays.copyOf(bytes, bytes.length + random.nextInt(9));
      case 2 -> replaced(bytes, at, Math.min(bytes.length, at + random.nextInt(6)), new byte[0]);
      case 3 ->
          replaced(
              bytes,
              at,
              at,
              PIECES[random.nextInt(PIECES.length)].getBytes(StandardCharsets.UTF_8));
      case 4 -> {
        byte[] digit = {(byte) ('0' + random.nextInt(10))};
        int header = Math.min(bytes.length, 8 + random.nextInt(100));
        yield replaced(bytes, header, Math.min(bytes.length, header + 1), digit);
      }
      case 5 -> {
        // The claimed length follows what was cut or inserted, so that the parser is reached.
        byte[] copy = bytes.clone();
        if (copy.length > 8) {
          int close = new String(copy, StandardCharsets.ISO_8859_1).lastIndexOf('}') + 1;
          copy[0] = (byte) Math.max(0, close - 8);
          copy[1] = (byte) (Math.max(0, close - 8) >> 8);
        }
        yield copy;
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

  private static byte[] replaced(byte[] bytes, int from, int to, byte[] piece) {
    byte[] out = new byte[bytes.length - (to - from) + piece.length];
    System.arraycopy(bytes, 0, out, 0, from);
    System.arraycopy(piece, 0, out, from, piece.length);
    System.arraycopy(bytes, to, out, from + piece.length, bytes.length - to);
    return out;
  }
}
