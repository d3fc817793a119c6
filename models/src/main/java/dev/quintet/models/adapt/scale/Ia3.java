package dev.quintet.models.adapt.scale;

import dev.quintet.core.nn.Init;
import dev.quintet.core.nn.Layer;
import dev.quintet.core.nn.Pass;
import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.Parameter;
import dev.quintet.core.tensor.Tensor;
import dev.quintet.models.adapt.method.AdapterFields;
import dev.quintet.models.adapt.method.AdapterKind;
import dev.quintet.models.adapt.method.AdapterMethod;
import dev.quintet.models.adapt.method.AdapterParts;
import dev.quintet.models.adapt.method.Attachment;
import dev.quintet.models.adapt.method.LayerDelta;
import dev.quintet.models.adapt.method.ModuleChoice;
import dev.quintet.models.adapt.method.ResultDelta;
import dev.quintet.models.adapt.method.Targets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// IA3: keys, values and the inner feed-forward activations are scaled by learned vectors, which begin as ones (Liu et
/// al., arXiv 2205.05638).
///
/// @param modules which projections are adapted
/// @param feedForward of which of them the input is scaled, not the result
/// @param ones whether new vectors begin as ones, so that nothing changes at first
/// @param modulesToSave modules that are trained as a whole beside
public record Ia3(
    ModuleChoice modules, Targets feedForward, boolean ones, List<String> modulesToSave)
    implements AdapterMethod {
  /// How files and configurations name it.
  public static final AdapterKind KIND =
      new AdapterKind(
          "ia3",
          "IA3",
          Map.of(
              "targets", "target_modules",
              "exclude", "exclude_modules",
              "feedForward", "feedforward_modules"),
          Ia3::read);

  private static final Targets STANDARD = Targets.of(List.of("k", "v", "wo"));

  /// Copies the list.
  public Ia3 {
    modulesToSave = List.copyOf(modulesToSave);
  }

  /// IA3 as it is for T5: on keys, values, and what goes into the feed-forward layers' last projection.
  public static Ia3 standard() {
    return new Ia3(ModuleChoice.of(STANDARD), Targets.of(List.of("wo")), true, List.of());
  }

  /// On other modules.
  ///
  /// @param choice which projections
  /// @param inputs of which of them the input is scaled
  public Ia3 on(ModuleChoice choice, Targets inputs) {
    return new Ia3(choice, inputs, ones, modulesToSave);
  }

  /// With modules that are trained as a whole beside.
  public Ia3 withModulesToSave(String... words) {
    return new Ia3(modules, feedForward, ones, List.of(words));
  }

  private static Ia3 read(AdapterFields fields) {
    fields.refuse("fan_in_fan_out", "T5's weights are stored as [out, in]");
    boolean named = fields.value("target_modules").isPresent();
    return new Ia3(
        ModuleChoice.read(fields, STANDARD),
        fields.targets("feedforward_modules").orElse(Targets.of(named ? List.of() : List.of("wo"))),
        fields.flag("init_ia3_weights", true),
        fields.words("modules_to_save"));
  }

  @Override
  public AdapterKind kind() {
    return KIND;
  }

  @Override
  public Map<String, Object> fields() {
    var fields = new LinkedHashMap<String, Object>(modules.fields());
    fields.put("feedforward_modules", feedForward.written());
    fields.put("init_ia3_weights", ones);
    fields.put("fan_in_fan_out", false);
    return fields;
  }

  @Override
  public AdapterParts attach(Attachment attachment) {
    Init init = ones ? Init.ones() : Init.normal(1);
    for (String path : modules.select(attachment, modulesToSave)) {
      Shape shape = attachment.linear(path, "IA3", "k, v and wo").weight().shape();
      boolean input = feedForward.matches(path);
      Shape vector = input ? Shape.of(1, shape.dim(1)) : Shape.of(shape.dim(0), 1);
      Parameter scale = attachment.make(path, "ia3_l", vector, init);
      attachment.put(path, input ? new Inputs(scale) : new Results(scale));
    }
    return AdapterParts.of(this);
  }

  private static Tensor flat(Parameter scale, Tensor beside) {
    return scale.reshape(scale.elements()).cast(beside.type());
  }

  /// W (x l).
  private static final class Inputs extends LayerDelta {
    private final Parameter scale;

    Inputs(Parameter scale) {
      this.scale = parameter("ia3_l", scale);
    }

    @Override
    public Tensor apply(Layer base, Tensor x, Pass pass) {
      return base.apply(x.multiply(flat(scale, x)), pass);
    }

    @Override
    public boolean perToken() {
      return true;
    }

    @Override
    public Optional<Tensor> merged(Tensor weight) {
      return Optional.of(weight.multiply(scale));
    }
  }

  /// (W x) l.
  private static final class Results extends ResultDelta {
    private final Parameter scale;

    Results(Parameter scale) {
      this.scale = parameter("ia3_l", scale);
    }

    @Override
    public Tensor after(Tensor x, Tensor y, Pass pass) {
      return y.multiply(flat(scale, y));
    }

    @Override
    public boolean perToken() {
      return true;
    }

    @Override
    public Optional<Tensor> merged(Tensor weight) {
      return Optional.of(weight.multiply(scale));
    }
  }
}
