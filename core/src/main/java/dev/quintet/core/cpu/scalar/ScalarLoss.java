package dev.quintet.core.cpu.scalar;

import static dev.quintet.core.cpu.scalar.ScalarScratch.floatAt;
import static dev.quintet.core.cpu.scalar.ScalarScratch.intAt;
import static dev.quintet.core.cpu.scalar.ScalarScratch.load;
import static dev.quintet.core.cpu.scalar.ScalarScratch.setFloat;

import dev.quintet.core.backend.Gradient;
import dev.quintet.core.backend.LossCall;
import dev.quintet.core.cpu.work.Cuts;
import dev.quintet.core.cpu.work.LossRows;
import dev.quintet.core.cpu.work.Native;
import dev.quintet.core.cpu.work.Workspace;
import java.util.Arrays;

/// Cross entropy without the Vector API.
public final class ScalarLoss implements LossRows {

  @Override
  public void forward(LossCall call, long logits, long labels, long losses, long logSumExp) {
    int width = call.width();
    float smoothing = call.smoothing();
    Cuts.items(
        call.rows(),
        width,
        (first, many) -> {
          for (long r = first; r < first + many; r++) {
            int label = intAt(Native.at(labels, r));
            float[] row = load(0, Native.at(logits, r * width), width);
            float chosen = label == call.ignore() ? 0 : row[label];
            double mean = smoothing == 0 ? 0 : ScalarRows.sum(row, 0, width) / width;
            float max = ScalarRows.max(row, 0, width);
            ScalarRows.exponentials(row, max, width);
            double log = max + StrictMath.log(ScalarRows.sum(row, 0, width));
            double loss = log - chosen;
            if (smoothing != 0) {
              loss = (1 - (double) smoothing) * loss + smoothing * (log - mean);
            }
            if (call.zLoss() != 0) {
              loss += call.zLoss() * log * log;
            }
            setFloat(Native.at(losses, r), label == call.ignore() ? 0 : (float) loss);
            setFloat(Native.at(logSumExp, r), (float) log);
          }
        });
  }

  @Override
  public void backward(
      LossCall call, float dLoss, long logits, long labels, long logSumExp, Gradient dLogits) {
    int width = call.width();
    float everywhere = call.smoothing() / width;
    Cuts.items(
        call.rows(),
        width,
        (first, many) -> {
          for (long r = first; r < first + many; r++) {
            int label = intAt(Native.at(labels, r));
            long target = Native.at(dLogits.address(), r * width);
            if (label == call.ignore()) {
              if (!dLogits.add()) {
                float[] zeros = Workspace.floats(0, width);
                Arrays.fill(zeros, 0, width, 0);
                ScalarScratch.store(zeros, target, width);
              }
              continue;
            }
            float[] row = load(0, Native.at(logits, r * width), width);
            float log = floatAt(Native.at(logSumExp, r));
            float spread = call.zLoss() == 0 ? 1 : 1 + 2 * call.zLoss() * log;
            ScalarRows.exponentials(row, log, width);
            row[label] -= (1 - call.smoothing()) / spread;
            for (int i = 0; i < width; i++) {
              row[i] = dLoss * (row[i] * spread - everywhere);
            }
            ScalarRows.put(row, target, width, dLogits.add(), 1);
          }
        });
  }
}
