package dev.quintet.core.cpu.scalar;

import static dev.quintet.core.cpu.scalar.ScalarScratch.load;

import dev.quintet.core.cpu.work.AdafactorLoops;

/// The loops of Adafactor without the Vector API.
public final class ScalarAdafactor implements AdafactorLoops {

  @Override
  public double squares(long x, int n) {
    float[] values = load(0, x, n);
    return ScalarRows.dot(values, values, n);
  }

  @Override
  public void addSquares(long x, float[] sums, int n) {
    float[] values = load(0, x, n);
    for (int i = 0; i < n; i++) {
      sums[i] += values[i] * values[i];
    }
  }

  @Override
  public double weightedSquares(long x, float[] c, int n) {
    float[] values = load(0, x, n);
    for (int i = 0; i < n; i++) {
      values[i] *= c[i];
    }
    return ScalarRows.dot(values, values, n);
  }

  @Override
  public void step(Move move, float factor, long p, long g, float[] c, long m, int n) {
    float[] values = load(1, g, n);
    for (int i = 0; i < n; i++) {
      values[i] = values[i] * c[i] * factor;
    }
    take(move, values, p, m, n);
  }

  @Override
  public double second(float beta, float rest, float scale, float epsilon, long g, long v, int n) {
    float[] values = load(0, g, n);
    float[] second = load(1, v, n);
    for (int i = 0; i < n; i++) {
      values[i] *= scale;
    }
    for (int i = 0; i < n; i++) {
      second[i] = beta * second[i] + rest * (values[i] * values[i] + epsilon);
    }
    for (int i = 0; i < n; i++) {
      values[i] = values[i] / (float) Math.sqrt(second[i]);
    }
    ScalarScratch.store(second, v, n);
    return ScalarRows.dot(values, values, n);
  }

  @Override
  public void stepWhole(Move move, float factor, long p, long g, long v, long m, int n) {
    float[] values = load(1, g, n);
    float[] second = load(0, v, n);
    for (int i = 0; i < n; i++) {
      values[i] = values[i] / (float) Math.sqrt(second[i]) * factor;
    }
    take(move, values, p, m, n);
  }

  private static void take(Move move, float[] steps, long p, long m, int n) {
    if (m != 0) {
      float[] first = load(2, m, n);
      float beta = move.beta();
      float rest = move.rest();
      for (int i = 0; i < n; i++) {
        steps[i] = beta * first[i] + rest * steps[i];
      }
      ScalarScratch.store(steps, m, n);
    }
    float[] values = load(0, p, n);
    float keep = move.keep();
    for (int i = 0; i < n; i++) {
      values[i] = keep * values[i] - steps[i];
    }
    ScalarScratch.store(values, p, n);
  }
}
