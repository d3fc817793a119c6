package dev.quintet.core.random;

import java.nio.charset.StandardCharsets;

/// Stable 64-bit numbers for places in a model, such as `encoder.block.0.layer.1.dropout`.
public final class Site {
  private static final long FNV_OFFSET = 0xCBF29CE484222325L;
  private static final long FNV_PRIME = 0x100000001B3L;

  private Site() {}

  /// Returns the number of a module path: FNV-1a over its UTF-8 bytes, then [#mix64].
  ///
  /// It is the same on every machine and in every version, because checkpoints depend on it.
  public static long of(String path) {
    long hash = FNV_OFFSET;
    for (byte octet : path.getBytes(StandardCharsets.UTF_8)) {
      hash = (hash ^ (octet & 0xFF)) * FNV_PRIME;
    }
    return mix64(hash);
  }

  /// Scrambles 64 bits one to one: SplitMix64's finaliser, David Stafford's variant 13.
  public static long mix64(long value) {
    long z = (value ^ (value >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
