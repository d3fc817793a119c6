package dev.quintet.trainer.evaluate;

import dev.quintet.core.cpu.CpuBackend;
import dev.quintet.tokenizers.Encoding;
import dev.quintet.tokenizers.Tokenizer;
import dev.quintet.trainer.data.Pairs;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/// Sources as token ids, cut as for training, in batches of like length.
final class Sources {
  private final int[][] ids;
  private final int pad;

  /// @param most tokens of a source, the end included
  /// @param pad id of the padding token
  /// @param end id of the end, which alone is an empty source
  Sources(List<String> texts, Tokenizer tokenizer, int most, int pad, int end) {
    List<Encoding> encoded = tokenizer.source().encodeAll(texts, CpuBackend.threads());
    ids = new int[texts.size()][];
    for (int i = 0; i < ids.length; i++) {
      int[] found = Pairs.cut(encoded.get(i).ids(), most, tokenizer);
      ids[i] = found.length == 0 ? new int[] {end} : found;
    }
    this.pad = pad;
  }

  /// Some sources, padded.
  ///
  /// @param numbers which they are
  /// @param ids `[B][S]`
  /// @param mask `[B][S]`, 0 for padding
  record Part(int[] numbers, int[][] ids, int[][] mask) {

    /// Some of the rows.
    Part rows(int from, int to) {
      return new Part(
          Arrays.copyOfRange(numbers, from, to),
          Arrays.copyOfRange(ids, from, to),
          Arrays.copyOfRange(mask, from, to));
    }

    /// Values of all rows, one row after another.
    static int[] flat(int[][] rows) {
      return Arrays.stream(rows).flatMapToInt(Arrays::stream).toArray();
    }
  }

  /// All sources, shortest first, in batches.
  List<Part> parts(int rows) {
    int[] order =
        IntStream.range(0, ids.length)
            .boxed()
            .sorted(Comparator.comparingInt((Integer i) -> ids[i].length))
            .mapToInt(Integer::intValue)
            .toArray();
    var parts = new ArrayList<Part>();
    for (int from = 0; from < order.length; from += rows) {
      parts.add(part(Arrays.copyOfRange(order, from, Math.min(order.length, from + rows))));
    }
    return parts;
  }

  private Part part(int[] numbers) {
    int longest = Arrays.stream(numbers).map(i -> ids[i].length).max().orElse(1);
    int[][] padded = new int[numbers.length][longest];
    int[][] mask = new int[numbers.length][longest];
    for (int row = 0; row < numbers.length; row++) {
      int[] own = ids[numbers[row]];
      Arrays.fill(padded[row], pad);
      System.arraycopy(own, 0, padded[row], 0, own.length);
      Arrays.fill(mask[row], 0, own.length, 1);
    }
    return new Part(numbers, padded, mask);
  }
}
