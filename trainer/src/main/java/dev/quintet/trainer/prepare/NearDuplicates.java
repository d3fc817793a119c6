package dev.quintet.trainer.prepare;

import dev.quintet.core.random.Site;
import java.util.Arrays;
import java.util.OptionalInt;

/// Texts of which later ones are asked whether they are nearly the same: whether of the runs of five words that occur in
/// either, at least a share occurs in both.
///
/// Candidates are found by MinHash (Broder 1997), 25 bands of 5 values: a pair of similarity J with probability
/// 1-(1-J^5)^25, which is 0.99995 at 0.8; each is then compared exactly. About 0.5 kB a text.
public final class NearDuplicates {
  /// The share from which on texts count as nearly the same.
  public static final double THRESHOLD = 0.8;

  private static final int BANDS = 25;
  private static final int ROWS = 5;
  private static final int BYTES_EACH = 24; // of a text's place and the head of its shingles
  private static final long[] SALTS = new long[BANDS * ROWS];

  static {
    for (int k = 0; k < SALTS.length; k++) {
      SALTS[k] = Site.mix64(k + 1);
    }
  }

  private long[][] texts = new long[1024][];
  private int[] seen = new int[1024];
  private int size;
  private long shingles; // of all texts
  private int asked;

  private int[] heads = new int[1 << 15]; // of chains of entries, from 1
  private int[] next = new int[1 << 15];
  private int[] prints = new int[1 << 15]; // what an entry's band hashes to

  /// Texts to be added.
  public NearDuplicates() {}

  /// How many texts there are.
  public int size() {
    return size;
  }

  /// About how many bytes they take.
  long bytes() {
    long tables = (long) heads.length + next.length + prints.length + seen.length;
    return shingles * Long.BYTES + (long) BYTES_EACH * texts.length + tables * Integer.BYTES;
  }

  /// The number of the first text, from 0, that is nearly the same as this one.
  public OptionalInt find(String text) {
    long[] shingles = NormalForm.shingles(text);
    return find(shingles, bands(shingles));
  }

  /// Adds a text, unless there is one that is nearly the same.
  ///
  /// @return the number of that one; nothing where it was added, with the number [#size] before
  public OptionalInt addUnlessFound(String text) {
    long[] shingles = NormalForm.shingles(text);
    int[] bands = bands(shingles);
    OptionalInt found = find(shingles, bands);
    if (found.isEmpty()) {
      add(shingles, bands);
    }
    return found;
  }

  /// Adds a text, whatever there is.
  public void add(String text) {
    long[] shingles = NormalForm.shingles(text);
    add(shingles, bands(shingles));
  }

  /// The share that two texts have in common.
  public static double similarity(String a, String b) {
    return similarity(NormalForm.shingles(a), NormalForm.shingles(b));
  }

  private static double similarity(long[] a, long[] b) {
    int common = 0;
    for (int i = 0, k = 0; i < a.length && k < b.length; ) {
      if (a[i] == b[k]) {
        common++;
        i++;
        k++;
      } else if (a[i] < b[k]) {
        i++;
      } else {
        k++;
      }
    }
    return common / (double) (a.length + b.length - common);
  }

  private OptionalInt find(long[] shingles, int[] bands) {
    asked++;
    int first = Integer.MAX_VALUE;
    for (int band : bands) {
      for (int e = heads[band & heads.length - 1]; e > 0; e = next[e - 1]) {
        int text = (e - 1) / BANDS;
        if (prints[e - 1] == band && seen[text] != asked && text < first) {
          seen[text] = asked;
          if (similarity(shingles, texts[text]) >= THRESHOLD) {
            first = text;
          }
        }
      }
    }
    return first == Integer.MAX_VALUE ? OptionalInt.empty() : OptionalInt.of(first);
  }

  private void add(long[] own, int[] bands) {
    if (size == texts.length) {
      int larger = Math.min(Integer.MAX_VALUE / BANDS, size * 2);
      if (larger == size) {
        throw new IllegalStateException(
            "near duplicates are found among at most %,d texts; leave out near_duplicates"
                .formatted(size));
      }
      texts = Arrays.copyOf(texts, larger);
      seen = Arrays.copyOf(seen, larger);
    }
    texts[size] = own;
    shingles += own.length;
    if ((size + 1) * BANDS > next.length) {
      next = Arrays.copyOf(next, (int) Math.min(Integer.MAX_VALUE - 16, next.length * 2L));
      prints = Arrays.copyOf(prints, next.length);
    }
    if (size * BANDS > heads.length && heads.length < 1 << 28) {
      link();
    }
    for (int b = 0; b < BANDS; b++) {
      int entry = size * BANDS + b;
      prints[entry] = bands[b];
      int slot = bands[b] & heads.length - 1;
      next[entry] = heads[slot];
      heads[slot] = entry + 1;
    }
    size++;
  }

  /// Links all entries again, in twice as many chains.
  private void link() {
    heads = new int[heads.length * 2];
    for (int e = 0; e < size * BANDS; e++) {
      int slot = prints[e] & heads.length - 1;
      next[e] = heads[slot];
      heads[slot] = e + 1;
    }
  }

  private static int[] bands(long[] shingles) {
    int[] bands = new int[BANDS];
    for (int b = 0; b < BANDS; b++) {
      long all = b;
      for (int r = 0; r < ROWS; r++) {
        long salt = SALTS[b * ROWS + r];
        long least = Long.MAX_VALUE;
        for (long shingle : shingles) {
          least = Math.min(least, Site.mix64(shingle ^ salt));
        }
        all = Site.mix64(all * 31 + least);
      }
      bands[b] = (int) (all >>> 32);
    }
    return bands;
  }
}
