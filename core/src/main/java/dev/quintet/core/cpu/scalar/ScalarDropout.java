package dev.quintet.core.cpu.scalar;

import static dev.quintet.core.cpu.scalar.ScalarScratch.load;

import dev.quintet.core.backend.DropoutKernels;
import dev.quintet.core.backend.DropoutMask;
import dev.quintet.core.cpu.work.Cuts;
import dev.quintet.core.cpu.work.Native;
import dev.quintet.core.cpu.work.Workspace;
import dev.quintet.core.random.Philox;

/// Dropout without the Vector API.
public final class ScalarDropout implements DropoutKernels {
  private static final int BLOCK = 64;

  @Override
  public void dropout(DropoutMask mask, int rows, long width, long x, long y, boolean accumulate) {
    each(
        rows,
        width,
        (row, from, n) -> {
          float[] values = load(0, Native.at(x, row * width + from), n);
          apply(mask, row, from, values, n);
          ScalarRows.put(values, Native.at(y, row * width + from), n, accumulate, 1);
        });
  }

  @Override
  public void residual(DropoutMask mask, int rows, long width, long x, long branch, long y) {
    each(
        rows,
        width,
        (row, from, n) -> {
          long at = row * width + from;
          float[] values = load(0, Native.at(branch, at), n);
          apply(mask, row, from, values, n);
          float[] sum = load(1, Native.at(x, at), n);
          ScalarRows.add(values, sum, n);
          ScalarScratch.store(sum, Native.at(y, at), n);
        });
  }

  /// Drops and scales elements `from` (a multiple of 64) to `from + n` of a row, as [DropoutMask]
  /// documents.
  static void apply(DropoutMask mask, long row, long from, float[] values, int n) {
    int threshold = mask.threshold();
    if (threshold == 0) {
      return;
    }
    float scale = mask.scale();
    int batchRow = (int) (mask.firstRow() + row);
    long stream = mask.stream();
    int low = (int) stream;
    int high = (int) (stream >>> 32);
    int[] words = Workspace.ints(4);
    for (int block = 0; block < n; block += BLOCK) {
      int counter = (int) ((from + block) / BLOCK * 8);
      for (int i = 0; i < 8 && block + 2 * i < n; i++) {
        Philox.block(
            counter + i,
            batchRow,
            low,
            high,
            (int) mask.seed(),
            (int) (mask.seed() >>> 32),
            Philox.DROPOUT_ROUNDS,
            words);
        for (int j = 0; j < 4; j++) {
          for (int h = 0; h < 2; h++) {
            int at = block + 16 * j + 2 * i + h;
            if (at < n) {
              int sixteen = words[2 * (j / 2) + h] >>> 16 * (j % 2) & 0xFFFF;
              values[at] = sixteen < threshold ? 0 : values[at] * scale;
            }
          }
        }
      }
    }
  }

  /// The work on a piece of a row.
  @FunctionalInterface
  private interface Piece {
    void run(long row, long from, int count);
  }

  private static void each(int rows, long width, Piece piece) {
    long pieces = (width + ScalarScratch.CHUNK - 1) / ScalarScratch.CHUNK;
    Cuts.items(
        rows * pieces,
        Math.min(width, ScalarScratch.CHUNK),
        (first, many) -> {
          for (long item = first; item < first + many; item++) {
            long from = item % pieces * ScalarScratch.CHUNK;
            piece.run(item / pieces, from, (int) Math.min(ScalarScratch.CHUNK, width - from));
          }
        });
  }
}
