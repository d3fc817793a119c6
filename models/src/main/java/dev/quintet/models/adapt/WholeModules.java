package dev.quintet.models.adapt;

import dev.quintet.core.nn.Embedding;
import dev.quintet.core.nn.Init;
import dev.quintet.core.nn.Layer;
import dev.quintet.core.nn.Linear;
import dev.quintet.core.nn.RmsNorm;
import dev.quintet.core.tensor.Parameter;
import dev.quintet.models.adapt.method.AdapterException;
import dev.quintet.models.adapt.method.Attachment;
import dev.quintet.models.adapt.method.SubstituteDelta;
import dev.quintet.models.adapt.method.Targets;
import dev.quintet.models.t5.RelativePositionBias;
import java.util.List;
import java.util.function.Function;

/// Modules that an adapter trains as a whole: peft's `modules_to_save`.
final class WholeModules {
  private WholeModules() {}

  /// Puts copies in the places of all layers whose paths end with one of these words, or lie below such.
  ///
  /// @throws AdapterException if a word means no module, or one that cannot be replaced
  static void attach(Attachment attachment, List<String> words) {
    List<String> paths = attachment.paths();
    for (String word : words) {
      List<String> meant = paths.stream().filter(Targets.of(List.of(word))::matches).toList();
      if (meant.isEmpty()) {
        throw new AdapterException(
            "modules_to_save names " + word + ", and no module's path ends so: name lm_head, say");
      }
      paths.stream()
          .filter(path ->
              meant.stream().anyMatch(one -> path.equals(one) || path.startsWith(one + ".")))
          .forEach(path -> put(attachment, path));
    }
  }

  private static void put(Attachment attachment, String path) {
    float epsilon = attachment.model().config().epsilon();
    switch (attachment.base(path)) {
      case Linear linear -> copy(attachment, path, linear.weight(), Linear::new);
      case Embedding table -> copy(attachment, path, table.weight(), Embedding::new);
      case RmsNorm norm ->
          copy(attachment, path, norm.weight(), weight -> new RmsNorm(weight, epsilon));
      case RelativePositionBias _ ->
          throw new AdapterException(
              "modules_to_save means "
                  + path
                  + ", of which an adapter cannot have a copy: name the projections instead, such as q");
      default -> {}
    }
  }

  private static void copy(
      Attachment attachment, String path, Parameter weight, Function<Parameter, Layer> layer) {
    Init same = (parameter, _) -> parameter.set(weight);
    Parameter made = attachment.make(path, "weight", weight.shape(), same);
    if (attachment.reached(path)) {
      attachment.put(path, new SubstituteDelta("", layer.apply(made), made));
    }
  }
}
