package dev.quintet.trainer.optim;

import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;

/// How parameters are updated: the weight decay, which of them it spares, each one's share of the learning rate, and what
/// goes beside.
///
/// Norms, biases and the relative position bias do not decay, as in Hugging Face's Trainer.
///
/// @param weightDecay decoupled weight decay of those that decay
/// @param rates each parameter's factor of the learning rate by name; 1 where there is none
/// @param clipValue what no element of a gradient exceeds, in place of clipping the norm, if anything
/// @param average how an average of the weights is kept, if one is
/// @param notFinite what becomes of a step whose loss or gradient is not finite
/// @param fused whether each parameter is updated on the way back, as soon as its gradient is whole, which is freed then
public record UpdateRule(
    double weightDecay,
    Map<String, Double> rates,
    OptionalDouble clipValue,
    Optional<Ema.Options> average,
    NotFinite notFinite,
    boolean fused) {

  /// What becomes of a step whose loss or gradient is not finite.
  public enum NotFinite {
    /// It changes nothing; ten in a row end the run.
    SKIP,
    /// It ends the run.
    FAIL
  }

  /// Copies the factors.
  ///
  /// @throws IllegalArgumentException if a factor is negative or not finite, or gradients would be clipped to nothing
  public UpdateRule {
    rates = Collections.unmodifiableMap(new TreeMap<>(rates)); // in one order, for fingerprints
    rates.forEach((name, factor) -> {
      if (!(factor >= 0 && factor < Double.POSITIVE_INFINITY)) {
        throw new IllegalArgumentException(
            "the factor of the learning rate of " + name + " is at least 0, not " + factor);
      }
    });
    if (clipValue.isPresent() && !(clipValue.getAsDouble() > 0)) {
      throw new IllegalArgumentException(
          "elements of gradients are clipped to a positive number, not " + clipValue.getAsDouble());
    }
  }

  /// Decay and rates alone.
  ///
  /// @param weightDecay decoupled weight decay of those that decay
  /// @param rates each parameter's factor of the learning rate by name
  public UpdateRule(double weightDecay, Map<String, Double> rates) {
    this(weightDecay, rates, OptionalDouble.empty(), Optional.empty(), NotFinite.SKIP, false);
  }

  /// One rate for all.
  public static UpdateRule decay(double weightDecay) {
    return new UpdateRule(weightDecay, Map.of());
  }

  /// This rule with elements of gradients clamped to [-c, c], in place of clipping the norm.
  public UpdateRule withClipValue(double c) {
    return new UpdateRule(weightDecay, rates, OptionalDouble.of(c), average, notFinite, fused);
  }

  /// This rule with an average of the weights.
  public UpdateRule withAverage(Ema.Options options) {
    return new UpdateRule(weightDecay, rates, clipValue, Optional.of(options), notFinite, fused);
  }

  /// This rule with another end for steps that are not finite.
  public UpdateRule withNotFinite(NotFinite end) {
    return new UpdateRule(weightDecay, rates, clipValue, average, end, fused);
  }

  /// This rule with updates on the way back, or after it.
  public UpdateRule withFused(boolean on) {
    return new UpdateRule(weightDecay, rates, clipValue, average, notFinite, on);
  }

  /// The weight decay of a parameter.
  public double decay(String name) {
    return decays(name) ? weightDecay : 0;
  }

  /// A parameter's factor of the learning rate.
  public double rate(String name) {
    return rates.getOrDefault(name, 1.0);
  }

  /// Whether a parameter of this name decays.
  public static boolean decays(String name) {
    return !name.contains("layer_norm")
        && !name.contains("relative_attention_bias")
        && !name.endsWith("bias");
  }
}
