package dev.quintet.tokenizers.text;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.IntStream;

/// What Hugging Face's library takes characters for: each part of it carries tables of another
/// version of Unicode (8, 9 and 17 in version 0.23.2), none of which is the JDK's.
///
/// The resource holds what that library did when it was asked for every code point, as ranges: which
/// characters have a decomposition (`Decomposes`), which ones `StripAccents`, `BertNormalizer`,
/// `Punctuation` and `Digits` act on, which join a grapheme, the combining classes that canonical
/// order shows, and lower case. So a newer JDK changes nothing in these. What else there is of Unicode
/// is the JDK's: classes in regular expressions, `\w` among them, most of `\X`, and what a character
/// decomposes into; there version 25 agrees with that library, and a test would tell if another one
/// did not.
public final class ReferenceUnicode {

  private static final String RESOURCE = "unicode.txt";
  private static final String CLASS = "Class";
  private static final String LOWER = "Lower";

  private static final Map<String, BitSet> SETS = new HashMap<>();
  private static final byte[] CLASSES = new byte[0x1F000];
  private static final char[] LOWER_BMP = new char[0x10000];
  private static final Map<Integer, Integer> LOWER_BEYOND = new HashMap<>();

  static {
    for (int c = 0; c < LOWER_BMP.length; c++) {
      LOWER_BMP[c] = (char) c;
    }
    try (InputStream in = ReferenceUnicode.class.getResourceAsStream(RESOURCE)) {
      if (in == null) {
        throw new IllegalStateException("the resource " + RESOURCE + " is missing");
      }
      new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> !line.startsWith("#"))
          .forEach(ReferenceUnicode::read);
    } catch (IOException failed) {
      throw new UncheckedIOException("cannot read " + RESOURCE, failed);
    }
  }

  private static final BitSet DECOMPOSES = set("Decomposes");
  private static final BitSet ACCENT = set("Accent");
  private static final BitSet BERT_ACCENT = set("BertAccent");
  private static final BitSet BERT_CONTROL = set("BertControl");
  private static final BitSet EXTENDS = set("Extends");
  private static final BitSet PUNCTUATION = set("Punctuation");
  private static final BitSet NUMBER = set("Number");
  private static final BitSet COMMON = set("Common");

  private ReferenceUnicode() {}

  private static BitSet set(String name) {
    BitSet set = SETS.get(name);
    if (set == null) {
      throw new IllegalStateException("the resource " + RESOURCE + " has no line " + name);
    }
    return set;
  }

  /// A line has a name and ranges such as `41-5a`, of which `/2` takes every other one and `>61`
  /// says what the first becomes.
  private static void read(String line) {
    String[] words = line.split(" ", -1);
    BitSet set = new BitSet();
    for (int i = 1; i < words.length; i++) {
      String[] sides = words[i].split(">", -1);
      String[] range = sides[0].split("[-/]", -1);
      int first = Integer.parseInt(range[0], 16);
      int last = range.length == 1 ? first : Integer.parseInt(range[1], 16);
      int step = range.length < 3 ? 1 : Integer.parseInt(range[2], 16);
      for (int c = first; c <= last; c += step) {
        set.set(c);
        if (words[0].equals(LOWER)) {
          lower(c, Integer.parseInt(sides[1], 16) + c - first);
        } else if (words[0].startsWith(CLASS)) {
          CLASSES[c] = (byte) Integer.parseInt(words[0].substring(CLASS.length()));
        }
      }
    }
    SETS.put(words[0], set);
  }

  private static void lower(int c, int lower) {
    if (c < LOWER_BMP.length) {
      LOWER_BMP[c] = (char) lower;
    } else {
      LOWER_BEYOND.put(c, lower);
    }
  }

  /// Whether a normal form may take a character apart (Unicode 9).
  ///
  /// @param c the character
  /// @return whether it has a decomposition, canonical or compatible
  public static boolean decomposes(int c) {
    return c >= 0xA0 && DECOMPOSES.get(c);
  }

  /// The characters that a normal form may take apart.
  ///
  /// @return the characters in order
  public static IntStream decomposing() {
    return DECOMPOSES.stream();
  }

  /// The canonical combining class (Unicode 9).
  ///
  /// @param c the character
  /// @return its class, 0 for what begins a sequence
  public static int combiningClass(int c) {
    return c < CLASSES.length ? CLASSES[c] & 0xFF : 0;
  }

  /// Whether `StripAccents` takes a character out: the category M of Unicode 9.
  ///
  /// @param c the character
  /// @return whether it does
  public static boolean isAccent(int c) {
    return ACCENT.get(c);
  }

  /// Whether `BertNormalizer` takes a character for an accent: the category Mn of Unicode 8.
  ///
  /// @param c the character
  /// @return whether it does
  public static boolean isBertAccent(int c) {
    return BERT_ACCENT.get(c);
  }

  /// Whether `BertNormalizer` cleans a character away.
  ///
  /// @param c the character
  /// @return whether it does
  public static boolean isBertControl(int c) {
    return BERT_CONTROL.get(c);
  }

  /// Whether a character belongs to the grapheme before it though Unicode 16 does not say so.
  ///
  /// @param c the character
  /// @return whether Unicode 17 says it
  public static boolean extendsGrapheme(int c) {
    return EXTENDS.get(c);
  }

  /// Whether `Punctuation` and `BertPreTokenizer` cut at a character: the category P of Unicode 8,
  /// and all of ASCII's punctuation.
  ///
  /// @param c the character
  /// @return whether they do
  public static boolean isPunctuation(int c) {
    return PUNCTUATION.get(c);
  }

  /// Whether `Digits` cuts at a character: the category N of Unicode 17.
  ///
  /// @param c the character
  /// @return whether it does
  public static boolean isNumber(int c) {
    return NUMBER.get(c);
  }

  /// Whether `UnicodeScripts` takes a character that no script has for one between scripts, at which
  /// it cuts, rather than for one of any script: the script Common of Unicode 9 but for the space.
  ///
  /// @param c the character
  /// @return whether it does
  public static boolean isCommon(int c) {
    return COMMON.get(c);
  }

  /// The simple lower case (Unicode 17).
  ///
  /// @param c the character
  /// @return its lower case, itself where it has none
  public static int lower(int c) {
    return c < LOWER_BMP.length ? LOWER_BMP[c] : LOWER_BEYOND.getOrDefault(c, c);
  }
}
