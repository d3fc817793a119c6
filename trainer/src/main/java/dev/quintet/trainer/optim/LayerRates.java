package dev.quintet.trainer.optim;

import dev.quintet.core.nn.Module;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Each parameter's factor of the learning rate, by its layer and by patterns.
public final class LayerRates {
  private static final Pattern BLOCK = Pattern.compile("(?:(.*)\\.)?block\\.(\\d{1,6})\\..*");

  private LayerRates() {}

  /// The factors by patterns, as [Module#freeze] reads them; where several match, the last one counts.
  ///
  /// @throws IllegalArgumentException if a pattern matches nothing
  public static Map<String, Double> matching(Module module, SequencedMap<String, Double> patterns) {
    var rates = new TreeMap<String, Double>();
    patterns.forEach((pattern, factor) -> {
      try {
        module.names().select(List.of(pattern)).names().forEach(name -> rates.put(name, factor));
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException("\"rates\": " + e.getMessage(), e);
      }
    });
    return rates;
  }

  /// Layer-wise decay: block i of a stack of L learns at d^(L-1-i) of the rate, the shared embedding at d^L of the deeper stack,
  /// and final norms and heads at all of it. A bias table belongs to its block.
  ///
  /// @param names of the parameters
  /// @param decay d, above 0 and at most 1
  /// @throws IllegalArgumentException if the decay is out of range
  public static Map<String, Double> decayed(Collection<String> names, double decay) {
    if (!(decay > 0 && decay <= 1)) {
      throw new IllegalArgumentException(
          "rates decay from layer to layer by a number above 0 and at most 1, not " + decay);
    }
    var layers = new HashMap<String, Integer>();
    for (String name : names) {
      Matcher block = BLOCK.matcher(name);
      if (block.matches()) {
        layers.merge(stack(block), 1 + Integer.parseInt(block.group(2)), Math::max);
      }
    }
    int deepest = layers.values().stream().mapToInt(count -> count).max().orElse(0);
    var rates = new TreeMap<String, Double>();
    for (String name : names) {
      Matcher block = BLOCK.matcher(name);
      if (block.matches()) {
        int above = layers.getOrDefault(stack(block), 0) - 1 - Integer.parseInt(block.group(2));
        rates.put(name, StrictMath.pow(decay, above));
      } else if (name.startsWith("shared.") || name.contains(".shared.")) {
        rates.put(name, StrictMath.pow(decay, deepest));
      }
    }
    return rates;
  }

  private static String stack(Matcher block) {
    String path = block.group(1);
    return path == null ? "" : path;
  }

  /// Both, multiplied.
  public static Map<String, Double> product(Map<String, Double> one, Map<String, Double> other) {
    var rates = new TreeMap<String, Double>(one);
    other.forEach((name, factor) -> rates.merge(name, factor, (a, b) -> a * b));
    return rates;
  }
}
