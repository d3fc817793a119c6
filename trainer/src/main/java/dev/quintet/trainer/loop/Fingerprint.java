package dev.quintet.trainer.loop;

import dev.quintet.core.io.AtomicDirectory;
import dev.quintet.core.tensor.Parameter;
import dev.quintet.tokenizers.Tokenizer;
import dev.quintet.trainer.data.Example;
import dev.quintet.trainer.data.Examples;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.zip.CRC32C;

/// What tells one run from another: its plan, every example's ids, the names and shapes of the parameters, and what
/// else of the model decides the result.
final class Fingerprint {
  private static final long PIECE = 1 << 30;
  private static final int NAMES = 8; // hexadecimal digits of a fingerprint of parameters

  private Fingerprint() {}

  /// @param more what else decides the result, in words
  static String of(
      TrainingPlan plan, Examples train, Examples validate, Learner learner, String more) {
    MessageDigest digest = sha256();
    text(digest, plan.numbers());
    text(digest, more);
    examples(digest, train);
    examples(digest, validate);
    learner
        .module()
        .parameters()
        .forEach((name, parameter) -> text(digest, name + parameter.shape()));
    learner.settings().forEach((name, value) -> text(digest, name + "=" + value + "\n"));
    return HexFormat.of().formatHex(digest.digest(), 0, 16);
  }

  /// What tells one text from another.
  static String of(CharSequence text) {
    MessageDigest digest = sha256();
    text(digest, text.toString());
    return HexFormat.of().formatHex(digest.digest(), 0, 16);
  }

  /// What tells one tokenizer from another: the files that it is saved as.
  static String of(Tokenizer tokenizer) {
    MessageDigest digest = sha256();
    try {
      Path folder = Files.createTempDirectory("quintet-tokenizer");
      try {
        tokenizer.save(folder);
        // Two tokenizers in one have folders of their own.
        try (var files = Files.walk(folder)) {
          for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
            text(digest, folder.relativize(file).toString().replace('\\', '/') + "\n");
            digest.update(Files.readAllBytes(file));
          }
        }
      } finally {
        AtomicDirectory.delete(folder);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write the tokenizer to compare it: " + e, e);
    }
    return HexFormat.of().formatHex(digest.digest(), 0, 16);
  }

  /// What tells one set of examples from another.
  static String of(Examples examples) {
    MessageDigest digest = sha256();
    examples(digest, examples);
    return HexFormat.of().formatHex(digest.digest(), 0, 16);
  }

  /// What tells one start from another: names, shapes, values, and what trains.
  static String of(Map<String, Parameter> parameters) {
    var values = new CRC32C();
    var names = new CRC32C();
    parameters.forEach((name, parameter) -> {
      String what = name + parameter.shape() + parameter.trains();
      names.update(what.getBytes(StandardCharsets.UTF_8));
      try (Arena arena = Arena.ofConfined()) {
        long bytes = parameter.storage().bytes();
        MemorySegment copy = arena.allocate(bytes, 64);
        parameter.copyTo(copy);
        for (long at = 0; at < bytes; at += PIECE) {
          values.update(copy.asSlice(at, Math.min(PIECE, bytes - at)).asByteBuffer());
        }
      }
    });
    return "%08x%08x".formatted(names.getValue(), values.getValue());
  }

  /// Whether two fingerprints of parameters are of the same names and shapes, of which the same train.
  static boolean sameParameters(String one, String other) {
    return one.regionMatches(0, other, 0, NAMES);
  }

  private static void examples(MessageDigest digest, Examples examples) {
    Optional<String> known = examples.fingerprint();
    known.ifPresent(all -> text(digest, all));
    for (int i = 0; i < examples.size() && known.isEmpty(); i++) {
      Example example = examples.example(i, 0);
      ints(digest, example.source());
      ints(digest, example.target());
      if (example.packed()) {
        ints(digest, example.sourceSegments());
        ints(digest, example.targetSegments());
      }
    }
  }

  private static void ints(MessageDigest digest, int[] ids) {
    ByteBuffer bytes = ByteBuffer.allocate(4 + 4 * ids.length).putInt(ids.length);
    for (int id : ids) {
      bytes.putInt(id);
    }
    digest.update(bytes.array());
  }

  private static void text(MessageDigest digest, String text) {
    digest.update(text.getBytes(StandardCharsets.UTF_8));
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every JDK has SHA-256", e);
    }
  }
}
