package dev.quintet.tokenizers.bpe;

import dev.quintet.tokenizers.huggingface.BpeSpec;
import dev.quintet.tokenizers.huggingface.Vocabulary;
import dev.quintet.tokenizers.text.ByteLetters;
import dev.quintet.tokenizers.text.TokenBuffer;
import dev.quintet.tokenizers.word.WordModel;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// The byte-level BPE model: merges the bytes of one word, the best merge first, leftmost first
/// among equals (Sennrich et al. 2016, arXiv 1508.07909; bytes after GPT-2).
///
/// Immutable; any number of threads may use it. Time is linear in the length of a
/// word, or n log n where merges are not listed in the order in which they can be made.
public final class ByteLevelBpe implements WordModel {

  private static final int NONE = -1;

  /// From here on going from left to right is faster than a heap, once that has been prepared.
  private static final int MANY = 128;

  private final Vocabulary vocabulary;
  private final int[] mergeList;
  private final PairTable merges;

  /// The id of each byte's letter, or [#NONE].
  private final int[] byteIds = new int[256];

  private final boolean ignoreMerges;
  private int longestToken;
  private volatile @Nullable Optional<LinearBpe> linear;

  /// Makes a model.
  ///
  /// @param spec its description, which [#fits]
  public ByteLevelBpe(BpeSpec spec) {
    this.vocabulary = spec.vocabulary();
    this.mergeList = spec.merges();
    this.merges = new PairTable(mergeList);
    for (int id = 0; id < vocabulary.size(); id++) {
      longestToken = Math.max(longestToken, vocabulary.token(id).map(String::length).orElse(0));
    }
    for (int b = 0; b < 256; b++) {
      byteIds[b] = vocabulary.id(String.valueOf(ByteLetters.letter(b))).orElse(NONE);
    }
    this.ignoreMerges = spec.ignoreMerges();
  }

  /// Whether this model is for a vocabulary: one with the letters of all bytes that UTF-8 has, so
  /// that nothing is unknown.
  ///
  /// @param spec the model's description
  /// @return whether it is
  public static boolean fits(BpeSpec spec) {
    for (int b = 0; b < 256; b++) {
      boolean inUtf8 = b < 0xC0 || b > 0xC1 && b < 0xF5;
      if (inUtf8 && spec.vocabulary().id(String.valueOf(ByteLetters.letter(b))).isEmpty()) {
        return false;
      }
    }
    return spec.continuingPrefix().isEmpty() && spec.wordSuffix().isEmpty();
  }

  @Override
  public void encode(byte[] utf8, int start, int end, TokenBuffer out) {
    if (ignoreMerges && end - start <= longestToken) {
      OptionalInt whole = vocabulary.id(letters(utf8, start, end));
      if (whole.isPresent()) {
        out.add(whole.getAsInt(), start, end);
        return;
      }
    }
    if (end - start > MANY) {
      Optional<LinearBpe> linear = linear();
      if (linear.isPresent()) {
        linear.get().encode(utf8, start, end, out);
        return;
      }
    }
    Symbols symbols = bytes(utf8, start, end);
    symbols.merge(merges);
    symbols.write(out, 0);
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
    Symbols symbols = bytes(utf8, start, end);
    symbols.merge(merges, dropout, random);
    symbols.write(out, 0);
  }

  private Symbols bytes(byte[] utf8, int start, int end) {
    Symbols symbols = new Symbols(end - start);
    for (int i = start; i < end; i++) {
      symbols.add(byteIds[utf8[i] & 0xFF], i, i + 1);
    }
    return symbols;
  }

  /// Made when it is first needed, as most texts have no long words; two threads may both make it.
  private Optional<LinearBpe> linear() {
    Optional<LinearBpe> known = linear;
    if (known == null) {
      known = LinearBpe.of(byteIds, mergeList, merges, vocabulary.size());
      linear = known;
    }
    return known;
  }

  /// The word in byte letters, as it would stand in a vocabulary.
  private static String letters(byte[] utf8, int start, int end) {
    char[] letters = new char[end - start];
    for (int i = start; i < end; i++) {
      letters[i - start] = ByteLetters.letter(utf8[i] & 0xFF);
    }
    return new String(letters);
  }
}
