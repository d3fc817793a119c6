package dev.quintet.tokenizers;

import java.util.SplittableRandom;

/// Damages files at random, for tests of what readers make of them.
public final class Mutation {

  private Mutation() {}

  /// The file with one to three places overwritten, cut out or filled with others of its bytes.
  public static byte[] of(byte[] file, SplittableRandom random) {
    byte[] bytes = file.clone();
    for (int k = random.nextInt(3); k >= 0; k--) {
      int at = random.nextInt(bytes.length);
      switch (random.nextInt(5)) {
        case 0 -> bytes[at] = (byte) random.nextInt(256);
        case 1 ->
            bytes[at] = (byte) "{}[]\",:0123456789 eE-+.\\nulltrue".charAt(random.nextInt(32));
        case 2 -> {
          int length = Math.min(random.nextInt(40), bytes.length - at);
          byte[] cut = new byte[bytes.length - length];
          System.arraycopy(bytes, 0, cut, 0, at);
          System.arraycopy(bytes, at + length, cut, at, bytes.length - at - length);
          bytes = cut.length == 0 ? bytes : cut;
        }
        default -> {
          int from = random.nextInt(bytes.length);
          int length = Math.min(random.nextInt(20), bytes.length - from);
          byte[] more = new byte[bytes.length + length];
          System.arraycopy(bytes, 0, more, 0, at);
          System.arraycopy(bytes, from, more, at, length);
          System.arraycopy(bytes, at, more, at + length, bytes.length - at);
          bytes = more;
        }
      }
    }
    return bytes;
  }
}
