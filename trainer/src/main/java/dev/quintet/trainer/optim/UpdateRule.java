package dev.quintet.trainer.optim;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/// How parameters are updated: the weight decay, which of them it spares, and each one's share of
/// the learning rate.
///
/// Norms, biases and the relative position bias do not decay, as in Hugging Face's Trainer.
///
/// @param weightDecay decoupled weight decay of those that decay
/// @param rates each parameter's factor of the learning rate by name; 1 where there is none
public record UpdateRule(double weightDecay, Map<String, Double> rates) {

  /// Copies the factors.
  public UpdateRule {
    rates = Collections.unmodifiableMap(new TreeMap<>(rates)); // in one order, for fingerprints
  }

  /// One rate for all.
  public static UpdateRule decay(double weightDecay) {
    return new UpdateRule(weightDecay, Map.of());
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
