package dev.quintet.trainer.schedule;

import java.util.Optional;

/// The learning rate of each step: a peak, a warm-up to it, and a way down.
///
/// With w warm-up steps and N steps in all, step t from 0 has the share t / w of the peak while t < w, and then what the
/// [Shape] says, as in Hugging Face's `get_scheduler`, with x = (t - w) / (N - w).
///
/// @param shape the way down
/// @param peak the highest rate
/// @param warmup steps of warm-up
/// @param floor the share of the peak at which cosines and [WarmupStableDecay] end, from 0 to 1
public record LearningRate(Shape shape, double peak, long warmup, double floor) {

  /// The ways down.
  public sealed interface Shape
      permits Constant,
          Linear,
          Cosine,
          EarlyCosine,
          Restarts,
          Polynomial,
          InverseSqrt,
          T5,
          WarmupStableDecay,
          OnPlateau {
    /// Stays at the peak.
    Shape CONSTANT = new Constant();

    /// Falls on a line to 0.
    Shape LINEAR = new Linear();

    /// Falls on half a cosine.
    Shape COSINE = new Cosine(0.5);

    /// Falls with the inverse square root of the step.
    Shape INVERSE_SQRT = new InverseSqrt(0);
  }

  /// 1.
  public record Constant() implements Shape {}

  /// (N - t) / (N - w), at least 0.
  public record Linear() implements Shape {}

  /// 0.5 (1 + cos(2 pi c x)), squeezed to end at the floor.
  ///
  /// @param cycles c; 0.5 goes down once
  public record Cosine(double cycles) implements Shape {}

  /// A cosine one step earlier, whose warm-up begins above 0: `cosine_warmup_with_min_lr`. While t < w it is
  /// s + (1 - s) t / (w - 1), or without s (t + 1) / w; then as [Cosine] with x = (t - w + 1) / (N - w).
  ///
  /// @param cycles c
  /// @param start s, the share of the peak at which the warm-up begins
  public record EarlyCosine(double cycles, Optional<Double> start) implements Shape {}

  /// 0.5 (1 + cos(pi (c x mod 1))), and 0 from x = 1 on.
  ///
  /// @param cycles c, how often it goes down
  public record Restarts(double cycles) implements Shape {}

  /// ((peak - e) (1 - x)^p + e) / peak, and e / peak after N.
  ///
  /// @param power p
  /// @param end e, the rate at the end; below the peak
  public record Polynomial(double power, double end) implements Shape {}

  /// 1 / sqrt((t - w + s) / s).
  ///
  /// @param timescale s; 0 for w, or 10,000 without warm-up
  public record InverseSqrt(double timescale) implements Shape {}

  /// 1 / sqrt(max(t, k)), T5's own, for a peak of 1: it has no linear warm-up, and k is w, or 10,000 where that is 0.
  public record T5() implements Shape {}

  /// 1, and over the last D steps down to the floor, where it stays; its warm-up begins at the floor.
  ///
  /// @param decay D; 0 for a tenth of the run
  /// @param stable steps between warm-up and decay; if nothing is said, what is left of N
  /// @param up how the warm-up bends
  /// @param down how the decay bends
  /// @param cycles of a decay that is a cosine; 0.5 goes down once
  public record WarmupStableDecay(
      long decay, Optional<Long> stable, Bend up, Bend down, double cycles) implements Shape {}

  /// 1, times a factor that a [Plateau] lowers by what evaluations say.
  ///
  /// @param options when, and by how much
  public record OnPlateau(Plateau.Options options) implements Shape {}

  /// How a warm-up or a decay bends.
  public enum Bend {
    /// z and 1 - z.
    LINEAR,
    /// Half a cosine.
    COSINE,
    /// 1 - sqrt(1 - z) and 1 - sqrt(z).
    ONE_MINUS_SQRT;

    private double up(double z) {
      return switch (this) {
        case LINEAR -> z;
        case COSINE -> 0.5 * (1 - StrictMath.cos(Math.PI * z));
        case ONE_MINUS_SQRT -> 1 - Math.sqrt(1 - z);
      };
    }

    private double down(double z, double cycles) {
      return switch (this) {
        case LINEAR -> 1 - z;
        case COSINE -> wave(2 * cycles * z);
        case ONE_MINUS_SQRT -> 1 - Math.sqrt(z);
      };
    }
  }

  /// Checks the values.
  ///
  /// @throws IllegalArgumentException if the peak is not finite and at least 0, the warm-up negative, the floor not from 0 to
  ///     1, or a constant of the shape out of its range
  public LearningRate {
    if (!(peak >= 0 && peak < Double.POSITIVE_INFINITY)
        || warmup < 0
        || !(floor >= 0 && floor <= 1)) {
      throw new IllegalArgumentException(
          "a learning rate has a peak of at least 0, a warm-up of at least 0 steps and a floor from 0 to 1: "
              + peak
              + ", "
              + warmup
              + ", "
              + floor);
    }
    check(shape, peak);
  }

  private static void check(Shape shape, double peak) {
    switch (shape) {
      case Constant _, Linear _, T5 _, OnPlateau _ -> {}
      case Cosine cosine -> positive("cycles", cosine.cycles);
      case EarlyCosine cosine -> {
        positive("cycles", cosine.cycles);
        share("the share at which the warm-up begins", cosine.start.orElse(0.0));
      }
      case Restarts restarts -> positive("cycles", restarts.cycles);
      case Polynomial polynomial -> {
        positive("the power", polynomial.power);
        if (!(polynomial.end >= 0 && polynomial.end < peak)) {
          throw new IllegalArgumentException(
              "a polynomial learning rate ends at least at 0 and below its peak of "
                  + peak
                  + ", not at "
                  + polynomial.end);
        }
      }
      case InverseSqrt root -> {
        if (!(root.timescale >= 0 && root.timescale < Double.POSITIVE_INFINITY)) {
          throw new IllegalArgumentException(
              "the time scale of a learning rate is at least 0, not " + root.timescale);
        }
      }
      case WarmupStableDecay three -> {
        positive("cycles", three.cycles);
        if (three.decay < 0 || three.stable.orElse(0L) < 0) {
          throw new IllegalArgumentException(
              "a learning rate has at least 0 stable steps and steps of decay: " + three);
        }
      }
    }
  }

  private static void positive(String what, double value) {
    if (!(value > 0 && value < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          what + " of a learning rate: a number above 0, not " + value);
    }
  }

  private static void share(String what, double value) {
    if (!(value >= 0 && value <= 1)) {
      throw new IllegalArgumentException(what + " is from 0 to 1, not " + value);
    }
  }

  /// A constant rate.
  public static LearningRate constant(double rate) {
    return new LearningRate(Shape.CONSTANT, rate, 0, 0);
  }

  /// The rate of a step; of [OnPlateau] before the factor.
  ///
  /// @param step from 0
  /// @param steps N, steps in all
  public double at(long step, long steps) {
    return peak * factor(step, steps);
  }

  /// What lowers the rate by evaluations, if the shape is [OnPlateau].
  ///
  /// @param higherIsBetter whether the metric that it is told is better when it is higher
  public Optional<Plateau> plateau(boolean higherIsBetter) {
    return shape instanceof OnPlateau(Plateau.Options options)
        ? Optional.of(new Plateau(options, peak, higherIsBetter))
        : Optional.empty();
  }

  private double factor(long t, long n) {
    return switch (shape) {
      case T5 _ -> 1 / Math.sqrt(Math.max(t, warmup > 0 ? warmup : 10_000));
      case EarlyCosine cosine -> early(cosine, t, n);
      case WarmupStableDecay three -> threeParts(three, t, n);
      case Constant _, Linear _, Cosine _, Restarts _, Polynomial _, InverseSqrt _, OnPlateau _ ->
          t < warmup ? (double) t / warmup : down(t, n);
    };
  }

  private double down(long t, long n) {
    double left = Math.max(1, n - warmup);
    double x = (t - warmup) / left;
    return switch (shape) {
      case Linear _ -> Math.max(0, (n - t) / left);
      case Cosine cosine -> floored(wave(2 * cosine.cycles * x));
      case Restarts restarts -> x >= 1 ? 0 : wave(restarts.cycles * x % 1);
      case Polynomial polynomial -> {
        double end = polynomial.end / peak;
        yield t > n ? end : (1 - end) * StrictMath.pow(1 - x, polynomial.power) + end;
      }
      case InverseSqrt root -> {
        double scale = root.timescale > 0 ? root.timescale : warmup > 0 ? warmup : 10_000;
        yield 1 / Math.sqrt((t + scale - warmup) / scale);
      }
      case Constant _, OnPlateau _, T5 _, EarlyCosine _, WarmupStableDecay _ -> 1;
    };
  }

  private double early(EarlyCosine cosine, long t, long n) {
    if (t < warmup) {
      return cosine
          .start
          .map(start -> start + (1 - start) * t / Math.max(1, warmup - 1))
          .orElse((t + 1.0) / warmup);
    }
    return floored(wave(2 * cosine.cycles * (t - warmup + 1.0) / Math.max(1, n - warmup)));
  }

  private double threeParts(WarmupStableDecay three, long t, long n) {
    if (t < warmup) {
      return floored(three.up.up((double) t / warmup));
    }
    long decay = three.decay > 0 ? three.decay : Math.max(1, n / 10);
    long stable = three.stable.orElse(n - warmup - decay);
    long into = t - warmup - stable;
    return into < 0
        ? 1
        : into < decay ? floored(three.down.down((double) into / decay, three.cycles)) : floor;
  }

  private double floored(double factor) {
    return floor + (1 - floor) * factor;
  }

  /// From 1 to 0 while x goes from 0 to 1, and back.
  private static double wave(double x) {
    return 0.5 * (1 + StrictMath.cos(Math.PI * x));
  }
}
