package dev.quintet.models.hub;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/// What a file's contents must hash to; also its name in the cache.
///
/// @param hex 64 digits: SHA-256 of the bytes, as large files are named; or 40: git's SHA-1 of a blob
record Checksum(String hex) {

  Checksum {
    if (!hex.matches("[0-9a-f]{64}|[0-9a-f]{40}")) {
      throw new HubException("a checksum is 40 or 64 hexadecimal digits, not '" + hex + "'");
    }
  }

  /// Whether a file has these contents.
  boolean matches(Path file) throws IOException {
    MessageDigest digest = digest(hex.length() == 64 ? "SHA-256" : "SHA-1");
    if (hex.length() == 40) {
      digest.update(("blob " + Files.size(file) + "\0").getBytes(StandardCharsets.UTF_8));
    }
    byte[] buffer = new byte[1 << 16];
    try (InputStream in = Files.newInputStream(file)) {
      for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
        digest.update(buffer, 0, count);
      }
    }
    return HexFormat.of().formatHex(digest.digest()).equals(hex);
  }

  private static MessageDigest digest(String name) {
    try {
      return MessageDigest.getInstance(name);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has " + name, e);
    }
  }
}
