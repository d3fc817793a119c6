package dev.quintet.trainer.objective;

import dev.quintet.trainer.data.Example;
import dev.quintet.trainer.data.Examples;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Running text cut into pieces of one length, corrupted anew in every epoch.
///
/// Documents are joined without end tokens and cut into pieces of T tokens; the last, shorter piece is
/// kept when it has at least 2.
public final class CorruptedText implements Examples {
  private final SpanCorruption corruption;
  private final List<int[]> pieces;
  private final long seed;

  /// Cuts documents into pieces.
  ///
  /// @param documents token ids of each document, without end tokens
  /// @param corruption what is done with each piece
  /// @param inputs S, the longest input wanted; it decides T
  /// @param seed of the spans
  public CorruptedText(List<int[]> documents, SpanCorruption corruption, int inputs, long seed) {
    this.corruption = corruption;
    this.seed = seed;
    int raw = SpanLengths.fitting(inputs, corruption.density(), corruption.meanSpan()).raw();
    this.pieces = List.copyOf(cut(documents, raw));
  }

  private static List<int[]> cut(List<int[]> documents, int length) {
    var pieces = new ArrayList<int[]>();
    long tokens = documents.stream().mapToLong(document -> document.length).sum();
    int most = (int) Math.min(length, Math.max(1, tokens)); // there is never more to hold
    int[] piece = new int[most];
    int filled = 0;
    for (int[] document : documents) {
      for (int from = 0; from < document.length; ) {
        int taken = Math.min(length - filled, document.length - from);
        System.arraycopy(document, from, piece, filled, taken);
        from += taken;
        filled += taken;
        if (filled == length) {
          pieces.add(piece);
          piece = new int[most];
          filled = 0;
        }
      }
    }
    if (filled >= 2) {
      pieces.add(Arrays.copyOf(piece, filled));
    }
    return pieces;
  }

  @Override
  public int size() {
    return pieces.size();
  }

  @Override
  public int length(int index) {
    return pieces.get(index).length;
  }

  @Override
  public Example example(int index, long epoch) {
    return corruption.corrupt(pieces.get(index), SpanCorruption.random(seed, epoch, index));
  }
}
