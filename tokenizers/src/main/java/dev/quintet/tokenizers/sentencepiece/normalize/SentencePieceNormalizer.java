package dev.quintet.tokenizers.sentencepiece.normalize;

import dev.quintet.tokenizers.sentencepiece.file.NormalizerSpec;
import dev.quintet.tokenizers.text.ByteTrie;
import dev.quintet.tokenizers.text.Text;
import dev.quintet.tokenizers.text.Utf8;
import java.util.Arrays;

/// SentencePiece's normalizer: replacement rules, longest first, and its treatment of spaces.
/// Immutable; any number of threads may use it.
public final class SentencePieceNormalizer {

  private static final byte[] SPACE_SYMBOL = {(byte) 0xE2, (byte) 0x96, (byte) 0x81};
  private static final byte[] SPACE = {' '};
  private static final byte[] REPLACEMENT = {(byte) 0xEF, (byte) 0xBF, (byte) 0xBD};

  private final NormalizerSpec spec;
  private final Charsmap rules;
  private final ByteTrie kept;
  private final boolean addDummyPrefix;
  private final boolean removeExtraSpaces;
  private final boolean spaceAsSuffix;
  private final byte[] space;

  /// Whether U+2581 in a text begins a word, as a space does.
  private final boolean markedWords;

  /// For each ASCII byte whether no rule touches it when an ASCII byte follows or the text ends.
  private final boolean[] untouched = new boolean[128];

  /// For each byte whether a rule or a kept string begins with it.
  private final boolean[] begins = new boolean[256];

  /// Whether spaces are bytes like any other.
  private final boolean plainSpaces;

  /// Makes a normalizer.
  ///
  /// @param spec its description
  /// @param kept strings that are left as they are, as a trie
  /// @param spaceAsSuffix whether the dummy space is put after a text and not before it
  /// @throws IllegalArgumentException when the compiled rules are malformed
  public SentencePieceNormalizer(NormalizerSpec spec, ByteTrie kept, boolean spaceAsSuffix) {
    this(spec, new Charsmap(spec.charsmap()), kept, spaceAsSuffix, false);
  }

  private SentencePieceNormalizer(
      NormalizerSpec spec,
      Charsmap rules,
      ByteTrie kept,
      boolean spaceAsSuffix,
      boolean markedWords) {
    this.spec = spec;
    this.rules = rules;
    this.markedWords = markedWords;
    this.kept = kept;
    this.addDummyPrefix = spec.addDummyPrefix();
    this.removeExtraSpaces = spec.removeExtraWhitespaces();
    this.spaceAsSuffix = spaceAsSuffix;
    this.space = spec.escapeWhitespaces() ? SPACE_SYMBOL : SPACE;
    this.plainSpaces = !removeExtraSpaces && !spec.escapeWhitespaces();
    for (int b = 0; b < 128; b++) {
      untouched[b] = standsForItself(b);
    }
    for (int b = 0; b < 256; b++) {
      begins[b] = kept.child(ByteTrie.ROOT, b) != ByteTrie.NONE || rules.begins(b);
    }
  }

  /// The same for texts in which U+2581 already begins words, as Hugging Face's library cuts them by
  /// its steps `WhitespaceSplit` and `Metaspace`: such a word gets no other mark, marks at the end
  /// stay, and all white space that no rule touches is a space.
  ///
  /// @return the normalizer
  public SentencePieceNormalizer withMarkedWords() {
    return new SentencePieceNormalizer(spec, rules, kept, spaceAsSuffix, true);
  }

  /// Whether U+2581 in a text begins a word.
  ///
  /// @return whether this is one of [#withMarkedWords]
  public boolean marksWords() {
    return markedWords;
  }

  private boolean standsForItself(int b) {
    if (markedWords && b >= '\t' && b <= '\r') {
      return false;
    }
    if (kept.child(ByteTrie.ROOT, b) != ByteTrie.NONE
        || rules.longest(new byte[] {(byte) b}, 0, 1) != Charsmap.NONE) {
      return false;
    }
    for (int second = 0; second < 128; second++) {
      if (rules.begins(b, second)) {
        return false;
      }
    }
    return true;
  }

  /// Whether a look at a text shows that it stays what it is.
  ///
  /// @param text valid UTF-8
  /// @param size its length in bytes
  /// @return whether it surely does
  public boolean leaves(byte[] text, int size) {
    if (addDummyPrefix || !plainSpaces || markedWords) {
      return false;
    }
    for (int i = 0; i < size; i++) {
      if (begins[text[i] & 0xFF]) {
        return false;
      }
    }
    return true;
  }

  /// Normalizes a text, without remembering where its bytes came from.
  ///
  /// @param text UTF-8; broken bytes become U+FFFD each
  /// @return the normalized text
  public AlignedBytes normalize(byte[] text) {
    return normalize(text, false);
  }

  /// Normalizes a text.
  ///
  /// @param text UTF-8; broken bytes become U+FFFD each
  /// @param tracked whether it is to be known where each byte came from
  /// @return the normalized text
  public AlignedBytes normalize(byte[] text, boolean tracked) {
    AlignedBytes out = new AlignedBytes(text.length + text.length / 2 + 32, tracked);
    Step step = new Step();
    int at = 0;
    if (removeExtraSpaces) {
      while (at < text.length) {
        take(text, at, step);
        if (step.to - step.from != 1 || step.source[step.from] != ' ') {
          break;
        }
        at += step.taken;
      }
    }
    if (at == text.length) {
      out.end(at);
      return out;
    }
    if (addDummyPrefix && !spaceAsSuffix) {
      addSpace(out, at);
    }
    at = body(text, at, step, out);
    if (removeExtraSpaces) {
      if (markedWords) {
        at = out.cutSpaces(at);
      }
      while (!markedWords && out.endsWith(space)) {
        int kept = out.size() - space.length;
        at = tracked ? out.origin(kept) : at;
        out.cut(kept);
      }
    }
    if (addDummyPrefix && spaceAsSuffix) {
      addSpace(out, at);
    }
    out.end(at);
    return out;
  }

  private int body(byte[] text, int start, Step step, AlignedBytes out) {
    int at = start;
    boolean afterSpace = removeExtraSpaces;
    while (at < text.length) {
      int next = untouched(text, at);
      if (next > at) {
        if (text[at] == ' ' && !plainSpaces) {
          if (!afterSpace) {
            addSpace(out, at);
          }
          afterSpace = removeExtraSpaces;
        } else {
          out.copy(text, at, next);
          afterSpace = false;
        }
        at = next;
        continue;
      }
      take(text, at, step);
      int from = step.from;
      if (!step.valid()) {
        out.broken();
      }
      // The mark stands for the spaces before it, and begins where they do.
      int origin = markedWords && isMark(step) ? out.cutSpaces(at) : at;
      while (afterSpace && from < step.to && step.source[from] == ' ') {
        from++;
      }
      for (int i = from; i < step.to; i++) {
        if (step.source[i] == ' ') {
          addSpace(out, origin);
        } else {
          out.add(step.source[i], origin);
        }
      }
      if (from < step.to) {
        afterSpace = step.source[step.to - 1] == ' ';
      }
      afterSpace &= removeExtraSpaces;
      at += step.taken;
    }
    return at;
  }

  /// Where the stretch ends that no rule touches; a space is one unless it is a byte like others.
  private int untouched(byte[] text, int start) {
    int at = start;
    while (at < text.length) {
      byte b = text[at];
      if (b < 0 || !untouched[b] || at + 1 < text.length && text[at + 1] < 0) {
        break;
      }
      if (b == ' ' && !plainSpaces) {
        return at == start ? at + 1 : at;
      }
      at++;
    }
    return at;
  }

  private void addSpace(AlignedBytes out, int origin) {
    int start = out.size();
    for (byte b : space) {
      out.add(b, origin);
    }
    out.spacesFrom(start);
  }

  private static boolean isMark(Step step) {
    return step.to - step.from >= SPACE_SYMBOL.length
        && Arrays.equals(
            step.source,
            step.from,
            step.from + SPACE_SYMBOL.length,
            SPACE_SYMBOL,
            0,
            SPACE_SYMBOL.length);
  }

  /// What the bytes at a place become: a stretch of `source`.
  private static final class Step {
    private byte[] source = SPACE;
    private int from;
    private int to;
    private int taken;

    boolean valid() {
      int at = from;
      while (at < to) {
        int length = Utf8.validLength(source, at, to);
        if (length == 0) {
          return false;
        }
        at += length;
      }
      return true;
    }

    void set(byte[] source, int from, int to, int taken) {
      this.source = source;
      this.from = from;
      this.to = to;
      this.taken = taken;
    }
  }

  private void take(byte[] text, int at, Step step) {
    int symbol = kept.longest(text, at, text.length);
    if (symbol != ByteTrie.NONE) {
      step.set(text, at, symbol, symbol - at);
      return;
    }
    long rule = rules.longest(text, at, text.length);
    if (rule != Charsmap.NONE) {
      int replacement = (int) rule;
      step.set(rules.bytes(), replacement, rules.end(replacement), (int) (rule >>> 32));
      return;
    }
    int length = Utf8.validLength(text, at, text.length);
    if (markedWords && length > 0 && Text.isSpace(Utf8.codePoint(text, at, length))) {
      step.set(SPACE, 0, 1, length);
    } else if (length > 0) {
      step.set(text, at, at + length, length);
    } else {
      step.set(REPLACEMENT, 0, REPLACEMENT.length, 1);
    }
  }
}
