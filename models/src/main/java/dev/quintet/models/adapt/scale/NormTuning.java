package dev.quintet.models.adapt.scale;

import dev.quintet.core.nn.Init;
import dev.quintet.core.nn.RmsNorm;
import dev.quintet.core.tensor.Parameter;
import dev.quintet.models.adapt.method.AdapterException;
import dev.quintet.models.adapt.method.AdapterFields;
import dev.quintet.models.adapt.method.AdapterKind;
import dev.quintet.models.adapt.method.AdapterMethod;
import dev.quintet.models.adapt.method.AdapterParts;
import dev.quintet.models.adapt.method.Attachment;
import dev.quintet.models.adapt.method.ModuleChoice;
import dev.quintet.models.adapt.method.SubstituteDelta;
import dev.quintet.models.adapt.method.Targets;
import java.util.List;
import java.util.Map;

/// LN tuning: the weights of the norms alone are trained, beginning with the base's (Zhao et al., arXiv 2312.11420).
///
/// @param modules which norms
/// @param modulesToSave modules that are trained as a whole beside
public record NormTuning(ModuleChoice modules, List<String> modulesToSave)
    implements AdapterMethod {
  /// How files and configurations name it.
  public static final AdapterKind KIND =
      new AdapterKind(
          "ln",
          "LN_TUNING",
          Map.of("targets", "target_modules", "exclude", "exclude_modules"),
          NormTuning::read);

  private static final Targets STANDARD = Targets.of(List.of("layer_norm", "final_layer_norm"));

  /// Copies the list.
  public NormTuning {
    modulesToSave = List.copyOf(modulesToSave);
  }

  /// All norms of T5.
  public static NormTuning standard() {
    return new NormTuning(ModuleChoice.of(STANDARD), List.of());
  }

  /// Other norms.
  public NormTuning on(ModuleChoice choice) {
    return new NormTuning(choice, modulesToSave);
  }

  private static NormTuning read(AdapterFields fields) {
    return new NormTuning(ModuleChoice.read(fields, STANDARD), fields.words("modules_to_save"));
  }

  @Override
  public AdapterKind kind() {
    return KIND;
  }

  @Override
  public Map<String, Object> fields() {
    return modules.fields();
  }

  @Override
  public AdapterParts attach(Attachment attachment) {
    float epsilon = attachment.model().config().epsilon();
    for (String path : modules.select(attachment, modulesToSave)) {
      if (!(attachment.base(path) instanceof RmsNorm norm)) {
        throw new AdapterException(
            "LN tuning trains norms, and "
                + path
                + " is a "
                + attachment.base(path).getClass().getSimpleName()
                + ": name layer_norm and final_layer_norm, or leave target_modules out");
      }
      Parameter weight = norm.weight();
      Init same = (parameter, _) -> parameter.set(weight);
      Parameter own = attachment.make(path, "ln_tuning_layers.weight", weight.shape(), same);
      attachment.put(path, new SubstituteDelta("ln_tuning_layers", new RmsNorm(own, epsilon), own));
    }
    return AdapterParts.of(this);
  }
}
