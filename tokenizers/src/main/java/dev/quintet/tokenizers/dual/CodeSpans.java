package dev.quintet.tokenizers.dual;

import java.util.Arrays;

/// Where code stands in a text: stretches in their order that neither overlap nor touch; what lies
/// between them is natural language. Positions are indices of UTF-16 units.
public final class CodeSpans {

  private final int[] bounds;

  private CodeSpans(int[] bounds) {
    this.bounds = bounds;
  }

  /// Spans of these bounds.
  ///
  /// @param bounds begin and end of each span in turn, rising; spans that touch become one, empty ones none
  /// @return the spans
  /// @throws IllegalArgumentException when the bounds fall, are negative, or a begin has no end
  public static CodeSpans of(int... bounds) {
    if (bounds.length % 2 != 0) {
      throw new IllegalArgumentException(
          "CodeSpans: expected a begin and an end for each span, got " + bounds.length + " bounds");
    }
    int[] merged = new int[bounds.length];
    int count = 0;
    int last = 0;
    for (int i = 0; i < bounds.length; i += 2) {
      int start = bounds[i];
      int end = bounds[i + 1];
      if (start < last || end < start) {
        throw new IllegalArgumentException(
            "CodeSpans: expected bounds that rise, got "
                + start
                + " and "
                + end
                + " after "
                + last);
      }
      last = end;
      if (start == end) {
        continue;
      }
      if (count > 0 && merged[count - 1] == start) {
        merged[count - 1] = end;
      } else {
        merged[count++] = start;
        merged[count++] = end;
      }
    }
    return new CodeSpans(Arrays.copyOf(merged, count));
  }

  /// The number of spans.
  ///
  /// @return the number of spans
  public int size() {
    return bounds.length / 2;
  }

  /// Where a span begins.
  ///
  /// @param i its number
  /// @return the index of its first UTF-16 unit
  public int start(int i) {
    return bounds[2 * i];
  }

  /// Where a span ends.
  ///
  /// @param i its number
  /// @return the index after its last UTF-16 unit
  public int end(int i) {
    return bounds[2 * i + 1];
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof CodeSpans that && Arrays.equals(bounds, that.bounds);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bounds);
  }

  @Override
  public String toString() {
    return "CodeSpans" + Arrays.toString(bounds);
  }
}
