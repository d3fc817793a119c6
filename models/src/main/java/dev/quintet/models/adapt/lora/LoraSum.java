package dev.quintet.models.adapt.lora;

import dev.quintet.core.nn.Init;
import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.Parameter;
import dev.quintet.core.tensor.Scope;
import dev.quintet.core.tensor.Tensor;
import dev.quintet.models.adapt.method.AdapterException;
import dev.quintet.models.adapt.method.AdapterTensors;
import dev.quintet.models.adapt.method.Attachment;
import dev.quintet.models.adapt.method.Delta;
import dev.quintet.models.adapt.method.ModuleChoice;
import dev.quintet.models.adapt.method.Targets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// A weighted sum of LoRAs, which is a LoRA: their ranks stand side by side.
///
/// @param method the sum's settings
/// @param parts at each path what is added up
public record LoraSum(Lora method, Map<String, List<Part>> parts) {

  /// One term at one path.
  ///
  /// @param a `[r, K]`
  /// @param b `[N, r]`
  /// @param factor weight and scale
  public record Part(Parameter a, Parameter b, double factor) {}

  /// A sum.
  ///
  /// @param terms each adapter's deltas by path
  /// @param weights each adapter's weight
  /// @throws AdapterException if one is no plain LoRA of projections
  public static LoraSum of(List<Map<String, Delta>> terms, List<Double> weights) {
    var parts = new LinkedHashMap<String, List<Part>>();
    for (int i = 0; i < terms.size(); i++) {
      double weight = weights.get(i);
      terms
          .get(i)
          .forEach((path, delta) -> {
            if (!(delta instanceof LoraDelta plain)) {
              throw new AdapterException(
                  "only LoRAs of projections can be added up: at "
                      + path
                      + " stands something else, of DoRA, AdaLoRA, an embedding or modules_to_save");
            }
            parts
                .computeIfAbsent(path, _ -> new ArrayList<>())
                .add(new Part(plain.a(), plain.b(), weight * plain.scale()));
          });
    }
    var ranks = new LinkedHashMap<String, Integer>();
    parts.forEach((path, own) -> ranks.put(path, rank(own)));
    int most = ranks.values().stream().mapToInt(rank -> rank).max().orElse(1);
    var otherRanks = new LinkedHashMap<String, Integer>();
    var otherAlphas = new LinkedHashMap<String, Double>();
    ranks.forEach((path, rank) -> {
      if (rank != most) {
        otherRanks.put(escaped(path), rank);
        otherAlphas.put(escaped(path), (double) rank);
      }
    });
    Lora method =
        Lora.rank(most)
            .withAlpha(most)
            .on(ModuleChoice.of(Targets.of(List.copyOf(parts.keySet()))))
            .withRanks(otherRanks)
            .withAlphas(otherAlphas);
    return new LoraSum(method, parts);
  }

  private static int rank(List<Part> parts) {
    return parts.stream().mapToInt(part -> part.a.shape().dim(0)).sum();
  }

  private static String escaped(String path) {
    return path.replace(".", "\\.");
  }

  /// The sum's numbers, for the settings' attachment.
  public AdapterTensors tensors() {
    return new Tensors(this);
  }

  private record Tensors(LoraSum sum) implements AdapterTensors {
    @Override
    public boolean fresh() {
      return true;
    }

    @Override
    public Parameter make(String name, Shape shape, Init init) {
      boolean first = name.endsWith(".lora_A.weight");
      String path =
          name.substring(Attachment.PREFIX.length(), name.length() - ".lora_A.weight".length());
      List<Part> parts = sum.parts.getOrDefault(path, List.of());
      var device = parts.getFirst().a.device();
      try (var _ = Scope.openWithoutGradients(device)) {
        List<Tensor> columns =
            parts.stream()
                .map(part -> first ? part.a : part.b.multiply((float) part.factor))
                .toList();
        Parameter made = Parameter.empty(shape, device);
        made.set(Tensor.concat(first ? 0 : 1, columns));
        return made;
      }
    }
  }
}
