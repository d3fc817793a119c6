package dev.quintet.tokenizers.bpe;

import dev.quintet.tokenizers.file.MalformedFileException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Reads tiktoken's files: a line for each token, its bytes in Base64, a space and its rank, which
/// is its id; ranks count from 0.
public final class TiktokenFile {

  private static final int MAX_TOKEN = 4096;

  private TiktokenFile() {}

  /// Whether bytes begin like such a file.
  ///
  /// @param bytes the file's bytes
  /// @return whether their first line has Base64, a space and a number
  public static boolean mayBe(byte[] bytes) {
    int end = 0;
    while (end < Math.min(bytes.length, 2 * MAX_TOKEN) && bytes[end] != '\n') {
      end++;
    }
    return new String(bytes, 0, end, StandardCharsets.ISO_8859_1)
        .matches("[A-Za-z0-9+/]+={0,2} [0-9]{1,9}\r?");
  }

  /// Reads what is in memory.
  ///
  /// @param name what error messages call it
  /// @param bytes the file's bytes
  /// @return the tokens' bytes by rank
  /// @throws MalformedFileException when they break a rule
  public static List<byte[]> parse(String name, byte[] bytes) {
    List<byte[]> tokens = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    int line = 0;
    for (String text :
        (Iterable<String>) new String(bytes, StandardCharsets.ISO_8859_1).lines()::iterator) {
      line++;
      if (text.isEmpty()) {
        continue;
      }
      int space = text.indexOf(' ');
      String place = "line " + line;
      if (space < 1 || !text.substring(space + 1).equals(Integer.toString(tokens.size()))) {
        throw new MalformedFileException(
            name, place, "expected a token in Base64, a space and the rank " + tokens.size());
      }
      byte[] token = decode(name, place, text.substring(0, space));
      if (token.length == 0 || token.length > MAX_TOKEN) {
        throw new MalformedFileException(
            name, place, "expected a token of 1 to " + MAX_TOKEN + " bytes, got " + token.length);
      }
      if (!seen.add(new String(token, StandardCharsets.ISO_8859_1))) {
        throw new MalformedFileException(name, place, "this token stands twice");
      }
      tokens.add(token);
    }
    return tokens;
  }

  private static byte[] decode(String name, String place, String base64) {
    try {
      return Base64.getDecoder().decode(base64);
    } catch (IllegalArgumentException _) {
      throw new MalformedFileException(name, place, "not Base64: " + base64);
    }
  }
}
