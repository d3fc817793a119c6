package dev.quintet.tokenizers.normalize;

import dev.quintet.tokenizers.text.ReferenceUnicode;
import java.text.Normalizer;
import java.text.Normalizer.Form;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;

/// What two characters in a row become in the composed normal forms of Unicode 9.
final class Compositions {

  static final int NONE = -1;

  private static final int HANGUL = 0xAC00;
  private static final int LEADS = 0x1100;
  private static final int VOWELS = 0x1161;
  private static final int TRAILS = 0x11A7;
  private static final int LEAD_COUNT = 19;
  private static final int VOWEL_COUNT = 21;
  private static final int TRAIL_COUNT = 28;
  private static final int SYLLABLES = LEAD_COUNT * VOWEL_COUNT * TRAIL_COUNT;

  private static final Map<Long, Integer> PAIRS = new HashMap<>();
  private static final BitSet SECONDS = new BitSet();

  static {
    SECONDS.set(VOWELS, VOWELS + VOWEL_COUNT);
    SECONDS.set(TRAILS + 1, TRAILS + TRAIL_COUNT);
    ReferenceUnicode.decomposing()
        .filter(c -> !isHangul(c))
        .forEach(c -> {
          String whole = Character.toString(c);
          String parts = Normalizer.normalize(whole, Form.NFD);
          if (!parts.equals(whole) && Normalizer.isNormalized(whole, Form.NFC)) {
            int last = parts.codePointBefore(parts.length());
            String rest = parts.substring(0, parts.length() - Character.charCount(last));
            PAIRS.put(pair(Normalizer.normalize(rest, Form.NFC).codePointAt(0), last), c);
            SECONDS.set(last);
          }
        });
  }

  private Compositions() {}

  private static long pair(int first, int second) {
    return (long) first << 32 | second;
  }

  /// Whether a character is a syllable of Hangul.
  static boolean isHangul(int c) {
    return c >= HANGUL && c < HANGUL + SYLLABLES;
  }

  /// Whether a character may become one with what stands before it.
  static boolean isSecond(int c) {
    return SECONDS.get(c);
  }

  /// What two characters become, or [#NONE].
  static int of(int first, int second) {
    int lead = first - LEADS;
    int vowel = second - VOWELS;
    if (lead >= 0 && lead < LEAD_COUNT && vowel >= 0 && vowel < VOWEL_COUNT) {
      return HANGUL + (lead * VOWEL_COUNT + vowel) * TRAIL_COUNT;
    }
    int trail = second - TRAILS;
    if (isHangul(first)
        && (first - HANGUL) % TRAIL_COUNT == 0
        && trail > 0
        && trail < TRAIL_COUNT) {
      return first + trail;
    }
    return PAIRS.getOrDefault(pair(first, second), NONE);
  }
}
