package dev.quintet.models.adapt;

import dev.quintet.core.nn.Embedding;
import dev.quintet.core.nn.Init;
import dev.quintet.core.nn.Layer;
import dev.quintet.core.nn.Linear;
import dev.quintet.core.nn.RmsNorm;
import dev.quintet.core.tensor.Parameter;
import dev.quintet.models.adapt.method.AdapterException;
import dev.quintet.models.adapt.method.AdapterMethod;
import dev.quintet.models.adapt.method.Attachment;
import dev.quintet.models.adapt.method.SubstituteDelta;
import dev.quintet.models.t5.RelativePositionBias;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.function.Function;

/// Modules that an adapter trains as a whole: peft's `modules_to_save`.
final class WholeModules {
  private WholeModules() {}

  /// Puts copies in the places of all layers whose paths end with one of these words, in the middle of a name as well, as in
  /// peft, or lie below such.
  ///
  /// @param method that of the adapter, beside which they stand
  /// @throws AdapterException if a word means no module, or one that cannot be replaced
  static void attach(Attachment attachment, AdapterMethod method) {
    String prefix = method.lengthens() ? Attachment.SHORT_PREFIX : Attachment.PREFIX;
    List<String> paths = attachment.paths();
    var all = new LinkedHashSet<String>();
    for (String word : method.modulesToSave()) {
      List<String> meant = paths.stream().filter(path -> path.endsWith(word)).toList();
      if (meant.isEmpty()) {
        throw new AdapterException(
            "modules_to_save names " + word + ", and no module's path ends so: name lm_head, say");
      }
      paths.stream()
          .filter(path ->
              meant.stream().anyMatch(one -> path.equals(one) || path.startsWith(one + ".")))
          .forEach(all::add);
    }
    all.forEach(path -> put(attachment, prefix, path));
  }

  private static void put(Attachment attachment, String prefix, String path) {
    float epsilon = attachment.model().config().epsilon();
    switch (attachment.base(path)) {
      case Linear linear -> copy(attachment, prefix, path, linear.weight(), Linear::new);
      case Embedding table -> copy(attachment, prefix, path, table.weight(), Embedding::new);
      case RmsNorm norm ->
          copy(attachment, prefix, path, norm.weight(), weight -> new RmsNorm(weight, epsilon));
      case RelativePositionBias _ ->
          throw new AdapterException(
              "modules_to_save means "
                  + path
                  + ", of which an adapter cannot have a copy: name the projections instead, such as q");
      default -> {}
    }
  }

  private static void copy(
      Attachment attachment,
      String prefix,
      String path,
      Parameter weight,
      Function<Parameter, Layer> layer) {
    Init same = (parameter, _) -> parameter.set(weight);
    Parameter made = attachment.make(prefix + path + ".weight", weight.shape(), same);
    attachment.put(path, new SubstituteDelta("", layer.apply(made), made));
  }
}
