package dev.quintet.tokenizers.bpe;

import dev.quintet.tokenizers.text.ByteTrie;
import dev.quintet.tokenizers.text.TokenBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// Byte-pair encoding from left to right in linear time, with the tokens that merging gives.
///
/// Tokens in a row are what merging gives exactly if each two neighbours are what merging gives for
/// their own bytes: until the first merge across a boundary the bytes on each side of it change as
/// if they were alone. So a longest match is taken, then shorter ones, and where nothing fits the
/// last token is taken back; a place that led nowhere is not tried again (the method of GitHub's
/// crate `bpe`, 2024). Whether two tokens can be neighbours is found by undoing their merges, the
/// latest first, and asking each time whether the two bytes' tokens at the boundary would have been
/// merged earlier.
final class LinearBpe {

  private static final int NONE = -1;

  private final PairTable merges;

  /// The rank of the merge that makes a token; -1 for single bytes.
  private final int[] ranks;

  /// The two tokens that a token is made of.
  private final int[] lefts;

  private final int[] rights;

  /// The longest token that a token begins with, apart from itself.
  private final int[] prefixes;

  private final int[] lengths;
  private final ByteTrie tokens;

  private LinearBpe(
      PairTable merges,
      int[] ranks,
      int[] lefts,
      int[] rights,
      int[] prefixes,
      int[] lengths,
      ByteTrie tokens) {
    this.merges = merges;
    this.ranks = ranks;
    this.lefts = lefts;
    this.rights = rights;
    this.prefixes = prefixes;
    this.lengths = lengths;
    this.tokens = tokens;
  }

  /// Prepares the merges, or says that it cannot: a merge of what only a later one makes does not
  /// come in the order of ranks.
  ///
  /// @param byteIds the tokens of single bytes, -1 for those that have none
  /// @param list the merges, three ids each, best first, all pairs different
  /// @param merges the same as a table
  /// @param size the highest id plus one
  static Optional<LinearBpe> of(int[] byteIds, int[] list, PairTable merges, int size) {
    int[] ranks = new int[size];
    Arrays.fill(ranks, Integer.MAX_VALUE);
    for (int id : byteIds) {
      if (id != NONE) {
        ranks[id] = NONE;
      }
    }
    LinearBpe it =
        new LinearBpe(
            merges,
            ranks,
            new int[size],
            new int[size],
            new int[size],
            new int[size],
            ByteTrie.of(List.of(), new int[0]));
    for (int rank = 0; rank < list.length / 3; rank++) {
      int left = list[3 * rank];
      int right = list[3 * rank + 1];
      int made = list[3 * rank + 2];
      boolean current = merges.merge(left, right) == ((long) rank << 32 | made);
      // A token that merging does not give for its own bytes it gives nowhere; so of two merges
      // that
      // spell the same only one ever happens.
      if (current && ranks[left] < rank && ranks[right] < rank && !it.joined(left, right, rank)) {
        ranks[made] = rank;
        it.lefts[made] = left;
        it.rights[made] = right;
      }
    }
    for (int rank = 0; rank < list.length / 3; rank++) {
      if (isLater(ranks[list[3 * rank]], rank) || isLater(ranks[list[3 * rank + 1]], rank)) {
        return Optional.empty();
      }
    }
    return it.spelled(byteIds);
  }

  private static boolean isLater(int made, int rank) {
    return made != Integer.MAX_VALUE && made >= rank;
  }

  /// With the tokens' bytes, which are those of their halves.
  private Optional<LinearBpe> spelled(int[] byteIds) {
    Integer[] order = new Integer[ranks.length];
    Arrays.setAll(order, i -> i);
    Arrays.sort(order, (a, b) -> Integer.compare(ranks[a], ranks[b]));
    byte[][] bytes = new byte[ranks.length][];
    for (int b = 0; b < 256; b++) {
      if (byteIds[b] != NONE) {
        bytes[byteIds[b]] = new byte[] {(byte) b};
      }
    }
    List<byte[]> keys = new ArrayList<>();
    int[] ids = new int[ranks.length];
    for (int id : order) {
      if (ranks[id] == Integer.MAX_VALUE) {
        break;
      }
      if (ranks[id] != NONE) {
        byte[] left = bytes[lefts[id]];
        byte[] right = bytes[rights[id]];
        bytes[id] = Arrays.copyOf(left, left.length + right.length);
        System.arraycopy(right, 0, bytes[id], left.length, right.length);
      }
      lengths[id] = bytes[id].length;
      ids[keys.size()] = id;
      keys.add(bytes[id]);
    }
    ByteTrie trie = ByteTrie.of(keys, Arrays.copyOf(ids, keys.size()));
    for (int i = 0; i < keys.size(); i++) {
      byte[] token = keys.get(i);
      int shorter = trie.longest(token, 0, token.length - 1);
      prefixes[ids[i]] = shorter == ByteTrie.NONE ? NONE : trie.find(token, 0, shorter);
    }
    return Optional.of(new LinearBpe(merges, ranks, lefts, rights, prefixes, lengths, trie));
  }

  /// Whether a merge better than `limit` joins two neighbours' parts before each is complete.
  private boolean joined(int first, int second, int limit) {
    int left = first;
    int right = second;
    int below = limit;
    while (merges.rank(left, right) >= below) {
      int leftRank = ranks[left];
      int rightRank = ranks[right];
      if (leftRank > rightRank) {
        below = leftRank;
        left = rights[left];
      } else if (rightRank != NONE) {
        // Among equals the left one is merged first.
        below = rightRank + 1;
        right = lefts[right];
      } else {
        return false;
      }
    }
    return true;
  }

  /// Encodes one word of which each byte has a token.
  void encode(byte[] utf8, int start, int end, TokenBuffer out) {
    int bottom = out.size();
    Fits fits = new Fits(end - start);
    // A set bit is a place where no token may end.
    long[] dead = new long[(end - start >> 6) + 1];
    int at = start;
    int next = longest(utf8, start, end);
    while (at < end) {
      int before = out.size() == bottom ? NONE : out.id(out.size() - 1);
      int token = fits.longest(before, next);
      while (token != NONE && isDead(dead, at + lengths[token] - start)) {
        token = fits.longest(before, prefixes[token]);
      }
      if (token != NONE) {
        out.add(token, at, at + lengths[token]);
        at += lengths[token];
        next = at < end ? longest(utf8, at, end) : NONE;
      } else {
        dead[at - start >> 6] |= 1L << (at - start);
        next = before;
        at = out.start(out.size() - 1);
        out.removeLast();
      }
    }
  }

  private static boolean isDead(long[] dead, int place) {
    return (dead[place >> 6] & 1L << place) != 0;
  }

  /// Which tokens can follow which, for one word: what repeats itself asks the same again and again.
  private final class Fits {
    private static final int MOST = 1 << 8;

    private final long[] asked;
    private final int[] answers;

    Fits(int length) {
      asked = new long[Integer.highestOneBit(Math.min(length, MOST))];
      answers = new int[asked.length];
    }

    /// A token itself or the longest that it begins with, so that it can follow the one before it.
    int longest(int before, int token) {
      if (before == NONE || token == NONE) {
        return token;
      }
      // No question is 0, which stands for none.
      long question = before + 1L << 32 | token;
      // Fibonacci hashing: the high half of the product is well mixed.
      int slot = (int) (question * 0x9E3779B97F4A7C15L >>> 32) & asked.length - 1;
      if (asked[slot] != question) {
        int fitting = token;
        while (fitting != NONE && joined(before, fitting, Integer.MAX_VALUE)) {
          fitting = prefixes[fitting];
        }
        asked[slot] = question;
        answers[slot] = fitting;
      }
      return answers[slot];
    }
  }

  private int longest(byte[] utf8, int start, int end) {
    int node = ByteTrie.ROOT;
    int longest = NONE;
    for (int i = start; i < end; i++) {
      node = tokens.child(node, utf8[i] & 0xFF);
      if (node == ByteTrie.NONE) {
        break;
      }
      int value = tokens.value(node);
      if (value != ByteTrie.NONE) {
        longest = value;
      }
    }
    return longest;
  }
}
