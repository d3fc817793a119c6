package dev.quintet.tokenizers.text;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/// The script of each code point in Unicode 9, which SentencePiece and Hugging Face's library carry;
/// the JDK's newer table differs on 25,054 of them.
public final class Scripts {

  /// The script of what belongs to none.
  public static final byte COMMON = 0;

  private static final byte HAN_TOO = -1;

  private static final String RESOURCE = "scripts-9.0.0.txt";

  private final byte[] scripts = new byte[Character.MAX_CODE_POINT + 1];
  private byte han;
  private byte inherited;

  private Scripts() {}

  /// Reads the table.
  ///
  /// @return the table
  public static Scripts load() {
    Scripts scripts = new Scripts();
    try (InputStream in = Scripts.class.getResourceAsStream(RESOURCE)) {
      if (in == null) {
        throw new IllegalStateException("the resource " + RESOURCE + " is missing");
      }
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      byte next = 1;
      for (String line : text.lines().toList()) {
        if (!line.startsWith("#")) {
          scripts.read(line, next++);
        }
      }
    } catch (IOException failed) {
      throw new UncheckedIOException("cannot read " + RESOURCE, failed);
    }
    return scripts;
  }

  /// A line has a name and ranges such as `41-5a`.
  private void read(String line, byte number) {
    String[] words = line.split(" ", -1);
    if (words[0].equals("Han")) {
      han = number;
    } else if (words[0].equals("Inherited")) {
      inherited = number;
    }
    for (int i = 1; i < words.length; i++) {
      int dash = words[i].indexOf('-');
      int first = Integer.parseInt(dash < 0 ? words[i] : words[i].substring(0, dash), 16);
      int last = dash < 0 ? first : Integer.parseInt(words[i].substring(dash + 1), 16);
      for (int c = first; c <= last; c++) {
        scripts[c] = number;
      }
    }
    if (words[0].equals("Hiragana") || words[0].equals("Katakana")) {
      for (int c = 0; c < scripts.length; c++) {
        if (scripts[c] == number) {
          scripts[c] = HAN_TOO;
        }
      }
    }
  }

  /// The script, with Hiragana, Katakana and the prolonged sound mark taken for Han.
  ///
  /// @param codePoint the character
  /// @return a number that stands for its script
  public byte of(int codePoint) {
    byte script = scripts[codePoint];
    return script == HAN_TOO || codePoint == 0x30FC ? han : script;
  }

  /// Whether a script is that of marks, which take the script of what they stand on.
  ///
  /// @param script the script
  /// @return whether it is
  public boolean isInherited(byte script) {
    return script == inherited;
  }
}
