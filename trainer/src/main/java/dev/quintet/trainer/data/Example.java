package dev.quintet.trainer.data;

/// One example as token ids: what the encoder reads and what the decoder should say, both with their
/// end token; or several that share a row. The arrays are not copied: treat them as read-only.
///
/// @param source ids of at most S tokens
/// @param target ids of at most T tokens
/// @param sourceSegments where several pairs share the row, the number of each id's pair, from 1; else empty
/// @param targetSegments likewise of the target
public record Example(int[] source, int[] target, int[] sourceSegments, int[] targetSegments) {
  private static final int[] NONE = {};

  /// One pair.
  public Example(int[] source, int[] target) {
    this(source, target, NONE, NONE);
  }

  /// Checks that every id has a segment, or none.
  ///
  /// @throws IllegalArgumentException if some have
  public Example {
    boolean none = sourceSegments.length == 0 && targetSegments.length == 0;
    boolean all = sourceSegments.length == source.length && targetSegments.length == target.length;
    if (!none && !all) {
      throw new IllegalArgumentException(
          "a packed row has a segment for each of its %d and %d ids, not %d and %d"
              .formatted(
                  source.length, target.length, sourceSegments.length, targetSegments.length));
    }
  }

  /// Whether pairs share the row.
  public boolean packed() {
    return sourceSegments.length > 0 || targetSegments.length > 0;
  }
}
