package dev.quintet.kernels.driver;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayDeque;
import java.util.HexFormat;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Pattern;

/// The checksum of a family's source and of all headers that it includes; `kernels/compile` computes the same.
///
/// SHA-256 over each file's name, a line end and the file, in the order of names. Whatever changes in a source changes
/// it, a comment too: so nobody has to judge whether machine code still fits.
final class SourceHash {

  private static final Pattern INCLUDE =
      Pattern.compile("^[ \\t]*#[ \\t]*include[ \\t]*\"([^\"\\n]*)\"", Pattern.MULTILINE);

  private SourceHash() {}

  /// The checksum in hexadecimal digits; empty if the family has no source there.
  ///
  /// @param read a file of the folder of sources by its name; empty if it has none of that name
  static Optional<String> of(String family, Function<String, Optional<byte[]>> read) {
    var files = new TreeMap<String, byte[]>();
    var wanted = new ArrayDeque<String>();
    wanted.add(family + ".cu");
    while (!wanted.isEmpty()) {
      String name = wanted.remove();
      Optional<byte[]> file = files.containsKey(name) ? Optional.empty() : read.apply(name);
      if (file.isPresent()) {
        files.put(name, file.get());
        INCLUDE
            .matcher(new String(file.get(), StandardCharsets.ISO_8859_1))
            .results()
            .forEach(include -> wanted.add(include.group(1)));
      }
    }
    if (files.isEmpty()) {
      return Optional.empty();
    }
    MessageDigest digest = sha256();
    files.forEach((name, file) -> {
      digest.update((name + "\n").getBytes(StandardCharsets.UTF_8));
      digest.update(file);
    });
    return Optional.of(HexFormat.of().formatHex(digest.digest()));
  }

  /// The checksum of one file's bytes.
  static String of(byte[] file) {
    return HexFormat.of().formatHex(sha256().digest(file));
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
