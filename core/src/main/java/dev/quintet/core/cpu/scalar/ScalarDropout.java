package dev.quintet.core.cpu.scalar;

import static dev.quintet.core.cpu.scalar.ScalarScratch.load;

import dev.quintet.core.backend.DropoutCall;
import dev.quintet.core.backend.DropoutKernels;
import dev.quintet.core.backend.DropoutMask;
import dev.quintet.core.backend.Gradient;
import dev.quintet.core.cpu.work.Cuts;
import dev.quintet.core.cpu.work.Native;
import dev.quintet.core.cpu.work.Places;
import dev.quintet.core.cpu.work.Workspace;
import dev.quintet.core.random.Philox;

/// Dropout without the Vector API.
public final class ScalarDropout implements DropoutKernels {
  private static final int BLOCK = 64;

  @Override
  public void dropout(DropoutCall call, long x, Gradient y) {
    long width = call.width();
    long pieces = (width + ScalarScratch.CHUNK - 1) / ScalarScratch.CHUNK;
    Cuts.items(
        call.rows() * pieces,
        Math.min(width, ScalarScratch.CHUNK),
        (first, many) -> {
          for (long item = first; item < first + many; item++) {
            long row = item / pieces;
            long from = item % pieces * ScalarScratch.CHUNK;
            int n = (int) Math.min(ScalarScratch.CHUNK, width - from);
            float[] values = load(0, Native.at(x, row * width + from), n);
            long element = Places.element(call, row) + from;
            apply(call.mask(), Places.row(call, row), element, values, n);
            ScalarRows.put(values, Native.at(y.address(), row * width + from), n, y.add(), 1);
          }
        });
  }

  /// Drops and scales elements `from` to `from + n` of a row, as [DropoutMask] documents.
  private static void apply(DropoutMask mask, long row, long from, float[] values, int n) {
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
    for (int block = -(int) (from % BLOCK); block < n; block += BLOCK) {
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
            if (at >= 0 && at < n) {
              int sixteen = words[2 * (j / 2) + h] >>> 16 * (j % 2) & 0xFFFF;
              values[at] = sixteen < threshold ? 0 : values[at] * scale;
            }
          }
        }
      }
    }
  }
}
