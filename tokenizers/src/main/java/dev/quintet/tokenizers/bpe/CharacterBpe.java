package dev.quintet.tokenizers.bpe;

import dev.quintet.tokenizers.huggingface.BpeSpec;
import dev.quintet.tokenizers.huggingface.Vocabulary;
import dev.quintet.tokenizers.text.TokenBuffer;
import dev.quintet.tokenizers.text.Utf8;
import dev.quintet.tokenizers.word.WordModel;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.random.RandomGenerator;

/// The BPE model over characters: merges those of one word, the best merge first, leftmost first
/// among equals (Sennrich et al. 2016, arXiv 1508.07909), with what Hugging Face's library does with
/// characters that the vocabulary lacks. Immutable; any number of threads may use it.
///
/// Tokens are placed one after the other, as in the reference: where characters are dropped, or
/// bytes of an affix fall back, the tokens after them do not stand where their characters do. No
/// place is after the word's end; there the reference gives ones that may lie outside the text.
public final class CharacterBpe implements WordModel {

  private static final int NONE = -1;

  private final Vocabulary vocabulary;
  private final PairTable merges;

  /// The ids of characters in the basic plane, when there are no affixes.
  private final int[] characterIds;

  private final int[] byteIds = new int[256];
  private final int unknown;

  /// The unknown token that the vocabulary lacks, if one is named.
  private final Optional<String> missing;

  private final boolean fuseUnknown;
  private final boolean byteFallback;
  private final boolean ignoreMerges;
  private final String prefix;
  private final String suffix;

  /// Makes a model.
  ///
  /// @param spec its description
  public CharacterBpe(BpeSpec spec) {
    this.vocabulary = spec.vocabulary();
    this.merges = new PairTable(spec.merges());
    this.unknown = spec.unknown().map(vocabulary::id).orElse(OptionalInt.empty()).orElse(NONE);
    this.missing = unknown == NONE ? spec.unknown() : Optional.empty();
    this.fuseUnknown = spec.fuseUnknown();
    this.byteFallback = spec.byteFallback();
    this.ignoreMerges = spec.ignoreMerges();
    this.prefix = spec.continuingPrefix();
    this.suffix = spec.wordSuffix();
    for (int b = 0; b < 256; b++) {
      byteIds[b] = vocabulary.id(String.format("<0x%02X>", b)).orElse(NONE);
    }
    this.characterIds = new int[prefix.isEmpty() && suffix.isEmpty() ? 0x10000 : 0];
    Arrays.fill(characterIds, NONE);
    for (int id = 0; id < vocabulary.size() && characterIds.length > 0; id++) {
      String token = vocabulary.token(id).orElse("");
      if (token.length() == 1) {
        characterIds[token.charAt(0)] = id;
      }
    }
  }

  @Override
  public void encode(byte[] utf8, int start, int end, TokenBuffer out) {
    if (ignoreMerges) {
      OptionalInt whole =
          vocabulary.id(new String(utf8, start, end - start, StandardCharsets.UTF_8));
      if (whole.isPresent()) {
        out.add(whole.getAsInt(), start, end);
        return;
      }
    }
    Symbols symbols = characters(utf8, start, end);
    symbols.merge(merges);
    symbols.write(out, start);
  }

  /// Encodes one word while merges are left out at random (BPE-dropout: Provilkov et al. 2019, arXiv 1910.13267).
  ///
  /// @param utf8 holds the word; valid UTF-8
  /// @param start where the word begins in it
  /// @param end where it ends, after `start`
  /// @param dropout the probability with which a merge is left out when its turn comes
  /// @param random the source of randomness
  /// @param out takes the tokens, with their places in `utf8`
  public void sample(
      byte[] utf8, int start, int end, double dropout, RandomGenerator random, TokenBuffer out) {
    Symbols symbols = characters(utf8, start, end);
    symbols.merge(merges, dropout, random);
    symbols.write(out, start);
  }

  private Symbols characters(byte[] utf8, int start, int end) {
    Word word = new Word(end - start);
    int length;
    for (int i = start; i < end; i += length) {
      length = Utf8.lengthByLead(utf8[i]);
      add(utf8, i, length, i == start, i + length == end, word);
    }
    word.flush();
    return word.symbols;
  }

  /// The symbols of a word so far, and how many bytes of unknown characters wait to become one.
  private final class Word {
    private final Symbols symbols;
    private int size;
    private final int room;
    private int waiting;

    Word(int bytes) {
      room = bytes;
      symbols = new Symbols(bytes);
    }

    void add(int id, int bytes) {
      int begin = size;
      size = Math.min(begin + bytes, room);
      symbols.add(id, begin, size);
    }

    void flush() {
      if (waiting > 0) {
        add(unknown, waiting);
        waiting = 0;
      }
    }
  }

  private void add(byte[] utf8, int at, int length, boolean first, boolean last, Word word) {
    int id;
    byte[] bytes = utf8;
    int from = at;
    int to = at + length;
    if (characterIds.length > 0) {
      int c = Utf8.codePoint(utf8, at, length);
      id =
          c < characterIds.length
              ? characterIds[c]
              : vocabulary.id(Character.toString(c)).orElse(NONE);
    } else {
      String character = new String(utf8, at, length, StandardCharsets.UTF_8);
      String dressed = (first ? "" : prefix) + character + (last ? suffix : "");
      id = vocabulary.id(dressed).orElse(NONE);
      bytes = dressed.getBytes(StandardCharsets.UTF_8);
      from = 0;
      to = bytes.length;
    }
    if (id != NONE) {
      word.flush();
      word.add(id, length);
    } else if (byteFallback && haveIds(bytes, from, to)) {
      // Unknown characters that wait keep waiting, as in the reference.
      for (int i = from; i < to; i++) {
        word.add(byteIds[bytes[i] & 0xFF], 1);
      }
    } else if (unknown != NONE) {
      if (!fuseUnknown) {
        word.flush();
      }
      word.waiting += length;
    } else if (missing.isPresent()) {
      throw new IllegalArgumentException(
          "encode: expected characters that the vocabulary has, as it lacks the unknown token \""
              + missing.get()
              + "\", got \""
              + new String(utf8, at, length, StandardCharsets.UTF_8)
              + "\"");
    }
  }

  private boolean haveIds(byte[] bytes, int from, int to) {
    for (int i = from; i < to; i++) {
      if (byteIds[bytes[i] & 0xFF] == NONE) {
        return false;
      }
    }
    return true;
  }
}
