package dev.quintet.core.cpu.scalar;

import static dev.quintet.core.cpu.scalar.ScalarScratch.floatAt;
import static dev.quintet.core.cpu.scalar.ScalarScratch.intAt;
import static dev.quintet.core.cpu.scalar.ScalarScratch.load;
import static dev.quintet.core.cpu.scalar.ScalarScratch.setFloat;

import dev.quintet.core.backend.LossKernels;
import dev.quintet.core.cpu.work.Cuts;
import dev.quintet.core.cpu.work.Native;
import dev.quintet.core.cpu.work.Workspace;
import java.util.Arrays;

/// Cross entropy without the Vector API.
public final class ScalarLoss implements LossKernels {

  @Override
  public void crossEntropy(
      long rows,
      int width,
      int ignore,
      float smoothing,
      long logits,
      long labels,
      long losses,
      long logSumExp) {
    Cuts.items(
        rows,
        width,
        (first, many) -> {
          for (long r = first; r < first + many; r++) {
            int label = label(Native.at(labels, r), r, width, ignore);
            float[] row = load(0, Native.at(logits, r * width), width);
            float chosen = label == ignore ? 0 : row[label];
            double mean = smoothing == 0 ? 0 : ScalarRows.sum(row, 0, width) / width;
            float max = ScalarRows.max(row, 0, width);
            ScalarRows.exponentials(row, max, width);
            double log = max + StrictMath.log(ScalarRows.sum(row, 0, width));
            double loss = log - chosen;
            if (smoothing != 0) {
              loss = (1 - (double) smoothing) * loss + smoothing * (log - mean);
            }
            setFloat(Native.at(losses, r), label == ignore ? 0 : (float) loss);
            setFloat(Native.at(logSumExp, r), (float) log);
          }
        });
  }

  @Override
  public void crossEntropyBackward(
      long rows,
      int width,
      int ignore,
      float smoothing,
      long logits,
      long labels,
      long logSumExp,
      long dLosses,
      long dLogits,
      boolean accumulate) {
    Cuts.items(
        rows,
        width,
        (first, many) -> {
          for (long r = first; r < first + many; r++) {
            int label = label(Native.at(labels, r), r, width, ignore);
            long target = Native.at(dLogits, r * width);
            if (label == ignore) {
              if (!accumulate) {
                float[] zeros = Workspace.floats(0, width);
                Arrays.fill(zeros, 0, width, 0);
                ScalarScratch.store(zeros, target, width);
              }
              continue;
            }
            float[] row = load(0, Native.at(logits, r * width), width);
            float dLoss = floatAt(Native.at(dLosses, r));
            float everywhere = smoothing / width;
            ScalarRows.exponentials(row, floatAt(Native.at(logSumExp, r)), width);
            row[label] -= 1 - smoothing;
            for (int i = 0; i < width; i++) {
              row[i] = dLoss * (row[i] - everywhere);
            }
            ScalarRows.put(row, target, width, accumulate, 1);
          }
        });
  }

  private static int label(long address, long row, int width, int ignore) {
    int label = intAt(address);
    if (label != ignore && (label < 0 || label >= width)) {
      throw new IndexOutOfBoundsException(
          "cross entropy: label "
              + label
              + " of row "
              + row
              + " is neither below the vocabulary's "
              + width
              + " nor the ignored "
              + ignore);
    }
    return label;
  }
}
