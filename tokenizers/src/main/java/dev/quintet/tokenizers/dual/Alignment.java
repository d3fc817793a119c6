package dev.quintet.tokenizers.dual;

import dev.quintet.tokenizers.Encoding;
import dev.quintet.tokenizers.Tokenizer;
import java.util.Arrays;

/// Which tokens of two tokenizations of one text cover the same stretch of it: the shortest groups of
/// neighbouring tokens whose ends coincide, found in O(n + m).
///
/// Group g holds the first one's tokens `firstFrom(g)` to `firstTo(g)`, the second one's `secondFrom(g)`
/// to `secondTo(g)` (ends exclusive) and the text's units `start(g)` to `end(g)`. Every token is in
/// exactly one group. Where only one of them has a token for a stretch (the other has normalized it
/// away), the group has none of the other. A token of no width goes with the token after it; those
/// that nothing follows (such as `</s>`) make a last group, at the end of the text.
public final class Alignment {

  /// Each group's first tokens, and one more for the end.
  private final int[] first;

  private final int[] second;
  private final int[] units;
  private final int[] ends;

  private Alignment(int[] first, int[] second, int[] units, int[] ends) {
    this.first = first;
    this.second = second;
    this.units = units;
    this.ends = ends;
  }

  /// Aligns two tokenizations whose places count bytes of the text's UTF-8. Bytes of one character
  /// may so be in groups of their own.
  ///
  /// @param text the text
  /// @param firstTokenizer made the first
  /// @param first the first one's tokens
  /// @param secondTokenizer made the second
  /// @param second the second one's tokens
  /// @return the alignment
  public static Alignment ofBytes(
      CharSequence text,
      Tokenizer firstTokenizer,
      Encoding first,
      Tokenizer secondTokenizer,
      Encoding second) {
    ByteSpans a = ByteSpans.of(text, firstTokenizer, first);
    ByteSpans b = ByteSpans.of(text, secondTokenizer, second);
    return of(a.starts(), a.ends(), b.starts(), b.ends());
  }

  /// Aligns two tokenizations whose places count UTF-16 units. Tokens that share a character are in one
  /// group.
  ///
  /// @param first the first one's tokens
  /// @param second the second one's tokens
  /// @return the alignment
  public static Alignment of(Encoding first, Encoding second) {
    return of(first.starts(), first.ends(), second.starts(), second.ends());
  }

  /// Aligns two tokenizations, given where their tokens begin and end in whatever units.
  ///
  /// @param firstStarts for each of the first one's tokens where it begins
  /// @param firstEnds where it ends
  /// @param secondStarts for each of the second one's tokens where it begins
  /// @param secondEnds where it ends
  /// @return the alignment
  /// @throws IllegalArgumentException when there are not as many begins as ends
  public static Alignment of(
      int[] firstStarts, int[] firstEnds, int[] secondStarts, int[] secondEnds) {
    if (firstStarts.length != firstEnds.length || secondStarts.length != secondEnds.length) {
      throw new IllegalArgumentException(
          "Alignment: expected as many begins as ends, got "
              + firstStarts.length
              + " and "
              + firstEnds.length
              + ", "
              + secondStarts.length
              + " and "
              + secondEnds.length);
    }
    Blocks a = Blocks.of(firstStarts, firstEnds);
    Blocks b = Blocks.of(secondStarts, secondEnds);
    int most = a.count() + b.count() + 1;
    int[] groups = new int[4 * most];
    int size = 0;
    int i = 0;
    int j = 0;
    while (i < a.count() || j < b.count()) {
      int firstFrom = i;
      int secondFrom = j;
      int start;
      int end;
      // The side that begins earlier leads; what reaches into the group joins it.
      if (j == b.count() || i < a.count() && a.start(i) <= b.start(j)) {
        start = a.start(i);
        end = a.end(i++);
      } else {
        start = b.start(j);
        end = b.end(j++);
      }
      for (boolean grown = true; grown; ) {
        grown = false;
        while (i < a.count() && a.start(i) < end) {
          end = Math.max(end, a.end(i++));
          grown = true;
        }
        while (j < b.count() && b.start(j) < end) {
          end = Math.max(end, b.end(j++));
          grown = true;
        }
      }
      groups[4 * size] = a.token(firstFrom);
      groups[4 * size + 1] = b.token(secondFrom);
      groups[4 * size + 2] = start;
      groups[4 * size++ + 3] = end;
    }
    if (a.trailing() || b.trailing()) {
      int end = Math.max(a.reach(), b.reach());
      groups[4 * size] = a.token(a.count());
      groups[4 * size + 1] = b.token(b.count());
      groups[4 * size + 2] = end;
      groups[4 * size++ + 3] = end;
    }
    return of(groups, size, firstStarts.length, secondStarts.length);
  }

  private static Alignment of(int[] groups, int size, int firstTokens, int secondTokens) {
    int[] first = new int[size + 1];
    int[] second = new int[size + 1];
    int[] units = new int[size];
    int[] ends = new int[size];
    for (int g = 0; g < size; g++) {
      first[g] = groups[4 * g];
      second[g] = groups[4 * g + 1];
      units[g] = groups[4 * g + 2];
      ends[g] = groups[4 * g + 3];
    }
    first[size] = firstTokens;
    second[size] = secondTokens;
    return new Alignment(first, second, units, ends);
  }

  /// Tokens that overlap, as one; those of no width with the token after them. Blocks neither overlap
  /// nor lie in another order than their tokens.
  private record Blocks(int[] tokens, int[] starts, int[] ends, int count, int size) {

    static Blocks of(int[] tokenStarts, int[] tokenEnds) {
      int size = tokenStarts.length;
      int[] tokens = new int[size + 1];
      int[] starts = new int[size];
      int[] ends = new int[size];
      int count = 0;
      int next = 0;
      for (int i = 0; i < size; i++) {
        if (tokenEnds[i] <= tokenStarts[i]) {
          continue;
        }
        if (count > 0 && tokenStarts[i] < ends[count - 1]) {
          ends[count - 1] = Math.max(ends[count - 1], tokenEnds[i]);
          starts[count - 1] = Math.min(starts[count - 1], tokenStarts[i]);
          while (count > 1 && starts[count - 1] < ends[count - 2]) {
            count--;
            starts[count - 1] = Math.min(starts[count - 1], starts[count]);
            ends[count - 1] = Math.max(ends[count - 1], ends[count]);
          }
        } else {
          tokens[count] = next;
          starts[count] = tokenStarts[i];
          ends[count++] = tokenEnds[i];
        }
        next = i + 1;
      }
      tokens[count] = next;
      return new Blocks(tokens, starts, ends, count, size);
    }

    int start(int i) {
      return starts[i];
    }

    int end(int i) {
      return ends[i];
    }

    /// The first token of a block; for the number after the last, the first token that nothing
    /// follows.
    int token(int i) {
      return tokens[i];
    }

    boolean trailing() {
      return tokens[count] < size;
    }

    int reach() {
      return count == 0 ? 0 : ends[count - 1];
    }
  }

  /// The number of groups.
  ///
  /// @return the number of groups
  public int size() {
    return units.length;
  }

  /// The first tokenization's first token of a group.
  ///
  /// @param group the group's number
  /// @return the token's index
  public int firstFrom(int group) {
    return first[group];
  }

  /// Where the first tokenization's tokens of a group end.
  ///
  /// @param group the group's number
  /// @return the index after the last token
  public int firstTo(int group) {
    return first[group + 1];
  }

  /// The second tokenization's first token of a group.
  ///
  /// @param group the group's number
  /// @return the token's index
  public int secondFrom(int group) {
    return second[group];
  }

  /// Where the second tokenization's tokens of a group end.
  ///
  /// @param group the group's number
  /// @return the index after the last token
  public int secondTo(int group) {
    return second[group + 1];
  }

  /// Where a group begins in the text.
  ///
  /// @param group the group's number
  /// @return its first unit
  public int start(int group) {
    return units[group];
  }

  /// Where a group ends in the text.
  ///
  /// @param group the group's number
  /// @return the unit after its last
  public int end(int group) {
    return ends[group];
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Alignment that
        && Arrays.equals(first, that.first)
        && Arrays.equals(second, that.second)
        && Arrays.equals(units, that.units)
        && Arrays.equals(ends, that.ends);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(first) + Arrays.hashCode(second);
  }

  @Override
  public String toString() {
    StringBuilder out = new StringBuilder("Alignment[");
    for (int g = 0; g < size(); g++) {
      out.append(g == 0 ? "" : ", ").append(firstFrom(g)).append('-').append(firstTo(g));
      out.append(" = ").append(secondFrom(g)).append('-').append(secondTo(g));
    }
    return out.append(']').toString();
  }
}
