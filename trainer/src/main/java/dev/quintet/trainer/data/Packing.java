package dev.quintet.trainer.data;

import dev.quintet.core.random.Permutation;
import dev.quintet.core.random.Site;
import java.util.Arrays;
import java.util.List;

/// Rows that several pairs share, with a segment for each: which share one, says [FirstFit].
public final class Packing {
  private static final long ORDER = Site.of("data.packing");
  private static final int WINDOW = 1000;

  private Packing() {}

  /// Packs examples, in an order that the seed draws, so that rows are not made of neighbours in a file.
  ///
  /// @param examples pairs, none longer than a row
  /// @param mostSource tokens of a row's sources
  /// @param mostTarget tokens of a row's targets
  /// @param seed of the order
  /// @return rows with segments, each pair in one of them
  public static List<Example> rows(
      List<Example> examples, int mostSource, int mostTarget, long seed) {
    int[] order = Permutation.of(seed, ORDER, examples.size());
    int[] sources = Arrays.stream(order).map(i -> examples.get(i).source().length).toArray();
    int[] targets = Arrays.stream(order).map(i -> examples.get(i).target().length).toArray();
    return FirstFit.rows(sources, targets, mostSource, mostTarget, WINDOW).stream()
        .map(row -> joined(Arrays.stream(row).mapToObj(i -> examples.get(order[i])).toList()))
        .toList();
  }

  /// Several pairs as one row with segments.
  public static Example joined(List<Example> pairs) {
    int[] source = new int[pairs.stream().mapToInt(pair -> pair.source().length).sum()];
    int[] target = new int[pairs.stream().mapToInt(pair -> pair.target().length).sum()];
    int[] sourceSegments = new int[source.length];
    int[] targetSegments = new int[target.length];
    int s = 0;
    int t = 0;
    for (int k = 0; k < pairs.size(); k++) {
      int[] from = pairs.get(k).source();
      int[] to = pairs.get(k).target();
      System.arraycopy(from, 0, source, s, from.length);
      System.arraycopy(to, 0, target, t, to.length);
      Arrays.fill(sourceSegments, s, s + from.length, k + 1);
      Arrays.fill(targetSegments, t, t + to.length, k + 1);
      s += from.length;
      t += to.length;
    }
    return new Example(source, target, sourceSegments, targetSegments);
  }
}
