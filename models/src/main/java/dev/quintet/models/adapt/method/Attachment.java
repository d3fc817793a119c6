package dev.quintet.models.adapt.method;

import dev.quintet.core.nn.Init;
import dev.quintet.core.nn.Linear;
import dev.quintet.core.nn.Module;
import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.Parameter;
import dev.quintet.models.t5.T5;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// An adapter while it is put into a model: what a method finds there, and where it puts its deltas.
public final class Attachment {
  /// What peft puts before the paths of a model's own modules.
  public static final String PREFIX = "base_model.model.";

  /// What peft puts there instead where an adapter changes no module's place, as one of virtual tokens.
  public static final String SHORT_PREFIX = "base_model.";

  private static final String UNREACHED = "shared";

  private final Sites sites;
  private final String name;
  private final AdapterTensors tensors;
  private final Map<String, Parameter> parameters = new LinkedHashMap<>();
  private final List<String> notes = new ArrayList<>();

  /// An adapter to be put into a model.
  ///
  /// @param sites the model's places
  /// @param name the adapter's name
  /// @param tensors where its numbers come from
  public Attachment(Sites sites, String name, AdapterTensors tensors) {
    this.sites = sites;
    this.name = name;
    this.tensors = tensors;
  }

  /// A parameter's name in files without what peft puts before it.
  public static String plain(String stored) {
    String prefix = stored.startsWith(PREFIX) ? PREFIX : SHORT_PREFIX;
    return stored.startsWith(prefix) ? stored.substring(prefix.length()) : stored;
  }

  /// The model.
  public T5 model() {
    return sites.model();
  }

  /// Whether the adapter is a new one, not one out of a file.
  public boolean fresh() {
    return tensors.fresh();
  }

  /// The paths of the model's own modules, as transformers has them, in the model's order.
  public List<String> paths() {
    return sites.paths();
  }

  /// The model's own module at a path, whatever stands in its place.
  ///
  /// @throws AdapterException if there is none
  public Module base(String path) {
    return sites.base(path);
  }

  /// The model's own projection at a path, for a method that adapts nothing else.
  ///
  /// @param method what the message calls it
  /// @param others modules to name instead
  /// @throws AdapterException if there is none
  public Linear linear(String path, String method, String others) {
    if (base(path) instanceof Linear linear) {
      return linear;
    }
    throw new AdapterException(
        method
            + " adapts projections, and "
            + path
            + " is a "
            + base(path).getClass().getSimpleName()
            + ": name other target_modules, such as "
            + others);
  }

  /// Makes a parameter of the adapter.
  ///
  /// @param path where the delta will stand
  /// @param suffix what it is called behind that, such as `lora_A.weight`
  /// @param shape its axes
  /// @param init how a new one is filled
  public Parameter make(String path, String suffix, Shape shape, Init init) {
    return make(PREFIX + path + "." + suffix, shape, init);
  }

  /// Makes a parameter of the adapter.
  ///
  /// @param stored its whole name in files, such as `prompt_embeddings`
  /// @param shape its axes
  /// @param init how a new one is filled
  public Parameter make(String stored, Shape shape, Init init) {
    Parameter made = tensors.make(stored, shape, init);
    parameters.put(stored, made);
    return made;
  }

  /// Puts a delta in its place. Its parameters go with the model from now on.
  ///
  /// Of T5's embedding, `shared` is asked for nothing: both stacks look ids up in their `embed_tokens`, so peft's adapters of
  /// `shared` change nothing; files that have such are read, written and computed so, and new ones refused.
  ///
  /// @param path the path of one of the model's own modules
  /// @throws AdapterException if there is none, the delta does not fit it, another one of the adapter stands there, or
  ///     nothing is asked for there and the adapter is a new one
  public void put(String path, Delta delta) {
    if (!path.equals(UNREACHED)) {
      sites.put(path, name, delta);
      return;
    }
    if (fresh()) {
      throw new AdapterException(
          "an adapter of shared changes nothing, as both stacks look ids up in embed_tokens: name embed_tokens");
    }
    notes.add(
        "what the adapter has of shared changes nothing, in peft neither: both stacks look ids up in embed_tokens");
    sites.putIdle(path, name, delta);
  }

  /// What whoever reads the adapter should know, a sentence each.
  public List<String> notes() {
    return notes;
  }

  /// The parameters that were made, by their names in files.
  public Map<String, Parameter> parameters() {
    return parameters;
  }
}
