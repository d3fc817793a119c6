package dev.quintet.trainer.data;

import dev.quintet.core.backend.RunState;
import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// Rows of one size, padded: what one forward takes.
///
/// @param rows B
/// @param sourceLength S, the longest source
/// @param targetLength T, the longest target
/// @param inputIds [B, S], padded at the end
/// @param attentionMask [B, S], 1 for tokens and 0 for padding
/// @param labels [B, T], padded with -100, which no loss counts
/// @param firstRow the row of the whole accumulated batch that row 0 here is
/// @param pad id of the padding token
/// @param sourceTokens tokens that are not padding
/// @param labelTokens labels that count
/// @param segments which pair each id belongs to, where rows hold several
/// @param uploaded the rows in device memory, once they are there
public record Batch(
    int rows,
    int sourceLength,
    int targetLength,
    int[] inputIds,
    int[] attentionMask,
    int[] labels,
    long firstRow,
    int pad,
    int sourceTokens,
    int labelTokens,
    Optional<Segments> segments,
    Optional<Uploaded> uploaded) {
  /// The label that does not count.
  public static final int IGNORE = -100;

  private static final int ALIGNED = 16; // int32 of 64 bytes

  /// Which pair of its row each id belongs to, from 1; 0 where it is padding.
  ///
  /// @param source [B, S]
  /// @param target [B, T]
  public record Segments(int[] source, int[] target) {}

  /// Pads examples to a batch.
  ///
  /// @param examples the rows, at least one
  /// @param firstRow the row of the accumulated batch that the first is
  /// @param pad id of the padding token
  public static Batch of(List<Example> examples, long firstRow, int pad) {
    int s = 1;
    int t = 1;
    for (Example example : examples) {
      s = Math.max(s, example.source().length);
      t = Math.max(t, example.target().length);
    }
    int rows = examples.size();
    int parts = examples.stream().anyMatch(Example::packed) ? 3 : 2;
    if ((long) parts * rows * ((long) s + t) > Integer.MAX_VALUE - 1024 - rows) {
      throw new IllegalArgumentException(
          "a batch of %,d rows of up to %,d tokens is too large: take smaller ones, and accumulate"
              .formatted(rows, Math.max(s, t)));
    }
    int[] inputIds = new int[rows * s];
    int[] mask = new int[rows * s];
    int[] labels = new int[rows * t];
    Arrays.fill(inputIds, pad);
    Arrays.fill(labels, IGNORE);
    int sourceTokens = 0;
    int labelTokens = 0;
    for (int r = 0; r < rows; r++) {
      int[] source = examples.get(r).source();
      int[] target = examples.get(r).target();
      System.arraycopy(source, 0, inputIds, r * s, source.length);
      Arrays.fill(mask, r * s, r * s + source.length, 1);
      System.arraycopy(target, 0, labels, r * t, target.length);
      sourceTokens += source.length;
      for (int label : target) {
        labelTokens += label == IGNORE ? 0 : 1;
      }
    }
    return new Batch(
        rows,
        s,
        t,
        inputIds,
        mask,
        labels,
        firstRow,
        pad,
        sourceTokens,
        labelTokens,
        segments(examples, s, t),
        Optional.empty());
  }

  private static Optional<Segments> segments(List<Example> examples, int s, int t) {
    if (examples.stream().noneMatch(Example::packed)) {
      return Optional.empty();
    }
    int[] source = new int[examples.size() * s];
    int[] target = new int[examples.size() * t];
    for (int r = 0; r < examples.size(); r++) {
      Example example = examples.get(r);
      if (example.packed()) {
        System.arraycopy(example.sourceSegments(), 0, source, r * s, example.source().length);
        System.arraycopy(example.targetSegments(), 0, target, r * t, example.target().length);
      } else {
        Arrays.fill(source, r * s, r * s + example.source().length, 1);
        Arrays.fill(target, r * t, r * t + example.target().length, 1);
      }
    }
    return Optional.of(new Segments(source, target));
  }

  /// Tokens that are not padding, of sources and targets.
  public int tokens() {
    return sourceTokens + labelTokens;
  }

  /// This batch with sources and targets padded to multiples of a length.
  public Batch paddedTo(int multiple) {
    int s = (sourceLength + multiple - 1) / multiple * multiple;
    int t = (targetLength + multiple - 1) / multiple * multiple;
    return s == sourceLength && t == targetLength
        ? this
        : new Batch(
            rows,
            s,
            t,
            wider(inputIds, sourceLength, s, pad),
            wider(attentionMask, sourceLength, s, 0),
            wider(labels, targetLength, t, IGNORE),
            firstRow,
            pad,
            sourceTokens,
            labelTokens,
            segments.map(own ->
                new Segments(
                    wider(own.source, sourceLength, s, 0), wider(own.target, targetLength, t, 0))),
            Optional.empty());
  }

  private int[] wider(int[] values, int width, int wanted, int filler) {
    int[] wider = new int[rows * wanted];
    Arrays.fill(wider, filler);
    for (int r = 0; r < rows; r++) {
      System.arraycopy(values, r * width, wider, r * wanted, width);
    }
    return wider;
  }

  /// All that a device needs of this batch as one piece, which [#in] finds its way in.
  ///
  /// @param start the id that the decoder begins with
  /// @param inputs what changes from step to step, to go with it
  public int[] words(int start, RunState.Inputs inputs) {
    var parts =
        new ArrayList<>(
            List.of(inputs.words(), inputIds, attentionMask, decoderIds(start), labels, lengths()));
    segments.ifPresent(own -> parts.addAll(List.of(own.source, own.target)));
    int[] at = places();
    int[] words = new int[at[parts.size()]];
    for (int i = 0; i < parts.size(); i++) {
      System.arraycopy(parts.get(i), 0, words, at[i], parts.get(i).length);
    }
    return words;
  }

  /// How many [#words] there are.
  public int wordCount() {
    int[] at = places();
    return at[at.length - 1];
  }

  /// Where the parts of [#words] begin, and where the last one ends.
  private int[] places() {
    int source = rows * sourceLength;
    int target = rows * targetLength;
    int[] sizes =
        segments.isPresent()
            ? new int[] {
              RunState.INPUT_BYTES / 4, source, source, target, target, rows, source, target
            }
            : new int[] {RunState.INPUT_BYTES / 4, source, source, target, target, rows};
    int[] at = new int[sizes.length + 1];
    for (int i = 0; i < sizes.length; i++) {
      at[i + 1] = at[i] + (sizes[i] + ALIGNED - 1) / ALIGNED * ALIGNED;
    }
    return at;
  }

  /// This batch with its rows in device memory, where its words lie.
  ///
  /// @param block int32, with [#words] from element `from` on
  /// @param state where on the device what changes from step to step is to stand; or nowhere
  public Batch in(Tensor block, int from, Optional<RunState> state) {
    long address = block.address() + 4L * from;
    state.ifPresent(
        run -> block.backend().memory().copy(address, run.address(), RunState.INPUT_BYTES));
    int[] at = places();
    var there =
        new Uploaded(
            view(block, from + at[1], rows, sourceLength),
            view(block, from + at[2], rows, sourceLength),
            view(block, from + at[3], rows, targetLength),
            view(block, from + at[4], rows, targetLength),
            view(block, from + at[5], rows),
            segments.map(own ->
                new UploadedSegments(
                    view(block, from + at[6], rows, sourceLength),
                    view(block, from + at[7], rows, targetLength))));
    return new Batch(
        rows,
        sourceLength,
        targetLength,
        inputIds,
        attentionMask,
        labels,
        firstRow,
        pad,
        sourceTokens,
        labelTokens,
        segments,
        Optional.of(there));
  }

  /// This batch with its rows in device memory, brought there at once, in the current scope.
  ///
  /// @param start the id that the decoder begins with
  /// @param inputs what changes from step to step, to go with it
  /// @param state where on the device that is to stand; or nowhere
  public Batch upload(int start, RunState.Inputs inputs, Optional<RunState> state) {
    int[] words = words(start, inputs);
    return in(Tensor.ofInts(Shape.of(words.length), words), 0, state);
  }

  /// The rows in device memory: where [#upload] has brought them, or else brought there now.
  ///
  /// @param start the id that the decoder begins with
  public Uploaded uploaded(int start) {
    return uploaded
        .or(() -> upload(start, RunState.Inputs.NONE, Optional.empty()).uploaded)
        .orElseThrow();
  }

  private int[] decoderIds(int start) {
    int[] ids = new int[labels.length];
    for (int i = 0; i < ids.length; i++) {
      int before = begins(i) ? start : labels[i - 1];
      ids[i] = before == IGNORE ? pad : before;
    }
    return ids;
  }

  /// Whether a pair's target begins here: where its row does, or where another pair was before.
  private boolean begins(int i) {
    return i % targetLength == 0
        || segments
            .filter(own -> own.target[i] != 0 && own.target[i] != own.target[i - 1])
            .isPresent();
  }

  private int[] lengths() {
    int[] lengths = new int[rows];
    for (int i = 0; i < attentionMask.length; i++) {
      lengths[i / sourceLength] += attentionMask[i];
    }
    return lengths;
  }

  private static Tensor view(Tensor block, int from, long... dims) {
    return block.slice(0, from, from + (int) Shape.of(dims).elements()).reshape(dims);
  }

  /// A batch in device memory, all of it int32.
  ///
  /// @param inputIds `[B, S]`
  /// @param attentionMask `[B, S]`
  /// @param decoderIds `[B, T]`: the start id, then the labels but the last, of each pair; what does not count is padding
  /// @param labels `[B, T]`
  /// @param lengths `[B]`, tokens of each source
  /// @param segments which pair each id belongs to, where rows hold several
  public record Uploaded(
      Tensor inputIds,
      Tensor attentionMask,
      Tensor decoderIds,
      Tensor labels,
      Tensor lengths,
      Optional<UploadedSegments> segments) {}

  /// [Segments] in device memory, int32.
  ///
  /// @param source `[B, S]`
  /// @param target `[B, T]`
  public record UploadedSegments(Tensor source, Tensor target) {}
}
