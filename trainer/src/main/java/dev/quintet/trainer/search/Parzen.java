package dev.quintet.trainer.search;

import dev.quintet.core.random.Philox;
import java.util.Arrays;

/// A density over the unit interval: a Gaussian at each point, and a wide one in the middle, cut at the ends.
final class Parzen {
  private static final double ROOT_2 = Math.sqrt(2);

  private final double[] centres;
  private final double[] widths;

  /// Each Gaussian is as wide as the way to its farther neighbour, and no narrower than a share of the interval.
  Parzen(double[] points) {
    centres = Arrays.copyOf(points, points.length + 1);
    centres[points.length] = 0.5;
    Arrays.sort(centres);
    widths = new double[centres.length];
    double least = 1.0 / Math.min(100, centres.length + 1);
    boolean prior = true;
    for (int i = 0; i < centres.length; i++) {
      double left = i == 0 ? centres[i] : centres[i] - centres[i - 1];
      double right = i == centres.length - 1 ? 1 - centres[i] : centres[i + 1] - centres[i];
      widths[i] = Math.clamp(Math.max(left, right), least, 1);
      if (prior && centres[i] == 0.5) {
        widths[i] = 1;
        prior = false;
      }
    }
  }

  double draw(Philox random) {
    int i = random.nextInt(centres.length);
    double drawn;
    do {
      drawn = centres[i] + widths[i] * random.nextGaussian();
    } while (drawn < 0 || drawn > 1);
    return drawn;
  }

  double density(double u) {
    double sum = 0;
    for (int i = 0; i < centres.length; i++) {
      double z = (u - centres[i]) / widths[i];
      double inside = below((1 - centres[i]) / widths[i]) - below(-centres[i] / widths[i]);
      sum += StrictMath.exp(-z * z / 2) / (widths[i] * inside);
    }
    return sum / centres.length;
  }

  private static double below(double z) {
    double tail = StrictMath.exp(-z * z / 2) * Erfcx.of(Math.abs(z) / ROOT_2) / 2;
    return z < 0 ? tail : 1 - tail;
  }
}
