package dev.quintet.core.nn;

import dev.quintet.core.backend.OutOfDeviceMemoryException;
import dev.quintet.core.shape.DType;
import dev.quintet.core.shape.Device;
import dev.quintet.core.tensor.Constant;
import dev.quintet.core.tensor.Parameter;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// A part of a model: parameters and children under names, of which dotted paths are made.
///
/// A subclass registers both in its constructor, in the order in which files and tables list them. A
/// parameter that stands in several places (a tied head) belongs to the first one: that path is its
/// canonical name, the others are aliases. Closing the root frees all parameters.
public abstract class Module implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(Module.class.getName());

  /// What the wrapped module is called in lists; no parameter's name has it.
  private static final String WRAPPED = "wrapped";

  private final LinkedHashMap<String, Parameter> own = new LinkedHashMap<>();
  private final List<Constant> constants = new ArrayList<>();
  private final LinkedHashMap<String, Child<?>> children = new LinkedHashMap<>();
  private @Nullable Module parent;
  private @Nullable Child<?> place;

  /// A module without parameters and children.
  protected Module() {}

  // ---- building ----

  /// Registers a parameter; returns it.
  ///
  /// @throws IllegalArgumentException if the name is taken
  protected final Parameter parameter(String parameterName, Parameter parameter) {
    Objects.requireNonNull(parameterName, "parameterName");
    Objects.requireNonNull(parameter, parameterName);
    checkFree(parameterName);
    own.put(parameterName, parameter);
    parameter.named(() -> {
      String path = path();
      return path.isEmpty() ? parameterName : path + "." + parameterName;
    });
    return parameter;
  }

  /// Registers numbers that go with this module; returns them.
  protected final Constant constant(Constant numbers) {
    constants.add(Objects.requireNonNull(numbers, "numbers"));
    return numbers;
  }

  /// Registers a child that only modules of its own class can replace.
  ///
  /// @param childName one or more words joined by dots, such as `block.0`
  /// @throws IllegalArgumentException if the name is taken
  protected final <M extends Module> Child<M> child(String childName, M module) {
    Objects.requireNonNull(childName, "childName");
    Objects.requireNonNull(module, "module");
    @SuppressWarnings("unchecked") // an object's class is a subclass of its static type's erasure
    var kind = (Class<M>) module.getClass();
    return child(childName, kind, module);
  }

  /// Registers a child.
  ///
  /// @param childName one or more words joined by dots, such as `block.0`
  /// @param kind what whoever replaces the child must be
  /// @throws IllegalArgumentException if the name is taken, or the module is not of the kind
  protected final <M> Child<M> child(String childName, Class<M> kind, Module module) {
    Objects.requireNonNull(childName, "childName");
    Objects.requireNonNull(kind, "kind");
    Objects.requireNonNull(module, "module");
    checkFree(childName);
    return put(new Child<>(childName, kind, module, false));
  }

  /// Registers the module in whose place this one is put: an adapter's base, for example. Its parameters keep the names
  /// that they had, as if this module were not there, so they are frozen, listed, saved and found as before.
  ///
  /// @param kind what whoever replaces the wrapped module must be
  /// @throws IllegalArgumentException if this module wraps another already or has a part of one of its names, or the
  ///     module is not of the kind
  protected final <M> Child<M> wraps(Class<M> kind, Module module) {
    Objects.requireNonNull(kind, "kind");
    Objects.requireNonNull(module, "module");
    checkFree(WRAPPED);
    module.own.keySet().forEach(this::checkFree);
    module.children.keySet().forEach(this::checkFree);
    return put(new Child<>(WRAPPED, kind, module, true));
  }

  private <M> Child<M> put(Child<M> place) {
    children.put(place.name(), place);
    place.module().adopt(this, place);
    return place;
  }

  private boolean has(String candidate) {
    return own.containsKey(candidate)
        || children.containsKey(candidate)
        || wrapped().filter(below -> below.has(candidate)).isPresent();
  }

  /// The module that this one wraps, if it does.
  final Optional<Module> wrapped() {
    return Optional.ofNullable(children.get(WRAPPED)).map(Child::module);
  }

  private void checkFree(String candidate) {
    if (candidate.isEmpty() || has(candidate)) {
      throw new IllegalArgumentException(
          getClass().getSimpleName() + " has a part named '" + candidate + "' already");
    }
  }

  /// Takes a child out of its place; it is not closed.
  ///
  /// @throws IllegalArgumentException if there is none of this name
  protected final void remove(String childName) {
    Objects.requireNonNull(childName, "childName");
    Child<?> child = children.remove(childName);
    if (child == null) {
      throw new IllegalArgumentException(
          getClass().getSimpleName() + " has no part named '" + childName + "' to remove");
    }
    if (child.module().parent == this) {
      child.module().orphan();
    }
  }

  private void orphan() {
    parent = null;
    place = null;
  }

  // The first place counts: it gives a shared module its path.
  private void adopt(Module newParent, Child<?> itsPlace) {
    if (parent == null) {
      parent = newParent;
      place = itsPlace;
    }
  }

  // What wraps the module that it replaces becomes its parent.
  private void claim(Module orphan) {
    for (Child<?> each : children.values()) {
      if (each.module() == orphan) {
        orphan.adopt(this, each);
      } else {
        each.module().claim(orphan);
      }
    }
  }

  /// Puts another module in a child's place and returns the one that was there, which is not closed:
  /// its parameters are the caller's unless the new module holds them. A module that stands in several places, such as
  /// T5's embedding, is replaced in all of them when it is named by its first path, and in one place when by another.
  ///
  /// @param path the child's path from here, such as `encoder.block.0.layer.0.SelfAttention.q`
  /// @throws IllegalArgumentException if there is no such child or the module is not of its kind
  public final Module replace(String path, Module module) {
    Objects.requireNonNull(path, "path");
    Objects.requireNonNull(module, "module");
    var places = places(path);
    Module before = places.getFirst().child().module();
    // all of them check the kind before one is changed
    places.forEach(at -> at.child().check(module));
    for (Place at : places) {
      at.child().set(module);
      if (before.parent == at.parent()) {
        before.orphan();
      }
      // what wrapped the module gives it back its place
      if (module.parent == before) {
        module.orphan();
      }
      module.adopt(at.parent(), at.child());
    }
    module.claim(before);
    return before;
  }

  private record Place(String path, Module parent, Child<?> child) {}

  private List<Place> places(String path) {
    List<Place> all = places();
    Place named =
        all.stream()
            .filter(at -> at.path().equals(path))
            .findFirst()
            .orElseThrow(() ->
                new IllegalArgumentException(
                    "there is no module "
                        + path
                        + " in "
                        + getClass().getSimpleName()
                        + "; near: "
                        + NearNames.of(path, new ArrayList<>(modules().keySet()))));
    var same = all.stream().filter(at -> at.child().module() == named.child().module()).toList();
    return same.getFirst() == named ? same : List.of(named);
  }

  private List<Place> places() {
    var all = new ArrayList<Place>();
    walkPlaces("", all);
    return all;
  }

  private void walkPlaces(String prefix, List<Place> found) {
    for (Child<?> each : children.values()) {
      String path = prefix + each.name();
      found.add(new Place(path, this, each));
      each.module().walkPlaces(each.wrapped() ? prefix : path + ".", found);
    }
  }

  // ---- looking ----

  /// The dotted path from the root; empty for the root.
  public final String path() {
    Module above = parent;
    Child<?> here = place;
    if (above == null || here == null) {
      return "";
    }
    String prefix = above.path();
    if (here.wrapped()) {
      return prefix;
    }
    return prefix.isEmpty() ? here.name() : prefix + "." + here.name();
  }

  /// The module at a path from here.
  public final Optional<Module> find(String path) {
    Objects.requireNonNull(path, "path");
    return places().stream()
        .filter(at -> at.path().equals(path))
        .findFirst()
        .map(at -> at.child().module());
  }

  /// All modules below by path from here, each shared one under its first path.
  public final Map<String, Module> modules() {
    var found = new LinkedHashMap<String, Module>();
    var seen = Collections.newSetFromMap(new IdentityHashMap<Module, Boolean>());
    for (Place at : places()) {
      if (seen.add(at.child().module())) {
        found.put(at.path(), at.child().module());
      }
    }
    return found;
  }

  /// All parameters by canonical name, in the order of registration; a shared one once.
  public final LinkedHashMap<String, Parameter> parameters() {
    var found = new LinkedHashMap<String, Parameter>();
    var seen = new IdentityHashMap<Parameter, String>();
    walkParameters(
        "",
        (path, parameter) -> {
          if (seen.putIfAbsent(parameter, path) == null) {
            found.put(path, parameter);
          }
        });
    return found;
  }

  /// The further names of shared parameters, each with the canonical one: `lm_head.weight` to `shared.weight`.
  public final Map<String, String> aliases() {
    var found = new LinkedHashMap<String, String>();
    var seen = new IdentityHashMap<Parameter, String>();
    walkParameters(
        "",
        (path, parameter) -> {
          String canonical = seen.putIfAbsent(parameter, path);
          if (canonical != null) {
            found.put(path, canonical);
          }
        });
    return found;
  }

  private void walkParameters(String prefix, BiConsumer<String, Parameter> visitor) {
    own.forEach((key, parameter) -> visitor.accept(prefix + key, parameter));
    for (Child<?> each : children.values()) {
      each.module().walkParameters(each.wrapped() ? prefix : prefix + each.name() + ".", visitor);
    }
  }

  /// The names of all parameters, against which patterns are resolved.
  public final ParameterNames names() {
    return new ParameterNames(List.copyOf(parameters().keySet()), aliases());
  }

  /// The number of elements of all parameters, shared ones once.
  public final long parameterCount() {
    return parameters().values().stream().mapToLong(Parameter::elements).sum();
  }

  /// Moves all parameters below to a device, in place, with their gradients. An optimizer's state stays where it is, so
  /// this is done before training begins. Returns this module.
  ///
  /// @throws dev.quintet.core.backend.DeviceUnavailableException if the device cannot be used
  /// @throws dev.quintet.core.backend.OutOfDeviceMemoryException if it has no room for all; then none has moved
  public Module to(Device device) {
    Objects.requireNonNull(device, "device");
    var before = new LinkedHashMap<Parameter, Device>();
    try {
      for (Parameter parameter : parameters().values()) {
        before.put(parameter, parameter.device());
        parameter.moveTo(device);
      }
    } catch (OutOfDeviceMemoryException e) {
      before.forEach(Parameter::moveTo);
      throw e;
    }
    return this;
  }

  /// Gives all parameters below another element type, in place, before training begins: in bfloat16 they take half the
  /// memory, what is computed of them is bfloat16 with float32 sums, and optimizers keep float32 masters. Returns this
  /// module.
  ///
  /// @param type float32 or bfloat16
  public Module to(DType type) {
    Objects.requireNonNull(type, "type");
    parameters().values().forEach(parameter -> parameter.castTo(type));
    return this;
  }

  // ---- files ----

  /// Writes parameters under their canonical names as a safetensors file, which appears whole or not at all.
  ///
  /// @param patterns which, as in [#freeze]; all if there is none
  /// @throws IllegalArgumentException if a pattern matches nothing
  /// @throws java.io.UncheckedIOException if the file cannot be written
  public final void save(Path file, String... patterns) {
    Objects.requireNonNull(file, "file");
    ParameterFile.save(selected(patterns), file);
  }

  /// Sets parameters to what a safetensors file holds, which must be exactly those that the patterns select.
  ///
  /// @param patterns which, as in [#freeze]; all if there is none
  /// @throws IllegalArgumentException if a pattern matches nothing, or the file lacks a parameter, has another, or has
  ///     one of another shape; nothing is set then
  /// @throws dev.quintet.core.io.MalformedFileException if it is no such file
  /// @throws java.io.UncheckedIOException if it cannot be read
  public final void load(Path file, String... patterns) {
    Objects.requireNonNull(file, "file");
    ParameterFile.load(selected(patterns), file);
  }

  private Map<String, Parameter> selected(String... patterns) {
    Objects.requireNonNull(patterns, "patterns");
    Map<String, Parameter> all = parameters();
    if (patterns.length > 0) {
      all.keySet().retainAll(names().select(List.of(patterns)).names());
    }
    return all;
  }

  // ---- training ----

  /// Freezes what the patterns match: no gradient, no optimizer state, and backward stops where nothing below trains.
  /// [ParameterNames] says how patterns read. Returns this module.
  ///
  /// @throws IllegalArgumentException if a pattern matches nothing; the message lists near names
  public Module freeze(String... patterns) {
    Objects.requireNonNull(patterns, "patterns");
    return setTraining(false, patterns);
  }

  /// Lets train what the patterns match. Returns this module.
  ///
  /// @throws IllegalArgumentException if a pattern matches nothing; the message lists near names
  public Module train(String... patterns) {
    Objects.requireNonNull(patterns, "patterns");
    return setTraining(true, patterns);
  }

  private Module setTraining(boolean on, String... patterns) {
    ParameterNames.Selection selection = names().select(List.of(patterns));
    selection
        .aliased()
        .forEach((alias, canonical) -> LOG.log(Level.INFO, "{0} means {1}", alias, canonical));
    var all = parameters();
    for (String selected : selection.names()) {
      Parameter parameter = all.get(selected);
      if (parameter != null) {
        parameter.train(on);
      }
    }
    return this;
  }

  /// Clears all gradients.
  public final void zeroGradients() {
    parameters().values().forEach(Parameter::zeroGradient);
  }

  /// Sets the probability of every [Dropout] below.
  ///
  /// @throws IllegalArgumentException if it is not from 0 to below 1
  public final void dropout(float probability) {
    for (Module module : modules().values()) {
      if (module instanceof Dropout dropout) {
        dropout.probability(probability);
      }
    }
  }

  /// The kinds and names of the modules below with the shapes of their parameters, one line each.
  @Override
  public String toString() {
    if (children.isEmpty()) {
      return kind() + ownParameters();
    }
    var text = new StringBuilder(kind()).append(" of ").append(parameterCount());
    text.append(" parameters").append(ownParameters());
    list(text, "\n  ");
    return text.toString();
  }

  private void list(StringBuilder text, String line) {
    for (Child<?> each : children.values()) {
      Module module = each.module();
      text.append(line).append(each.name()).append(": ").append(module.kind());
      text.append(module.ownParameters());
      module.list(text, line + "  ");
    }
  }

  private String kind() {
    String simple = getClass().getSimpleName();
    return simple.isEmpty() ? "Module" : simple;
  }

  private String ownParameters() {
    if (own.isEmpty()) {
      return children.isEmpty() ? "()" : "";
    }
    return own.entrySet().stream()
        .map(
            e -> e.getKey() + " " + e.getValue().shape() + (e.getValue().trains() ? "" : " frozen"))
        .collect(Collectors.joining(", ", "(", ")"));
  }

  /// Frees all parameters, their gradients and constants; the module cannot be used afterwards.
  @Override
  public void close() {
    parameters().values().forEach(Parameter::close);
    constants.forEach(Constant::close);
    modules().values().forEach(module -> module.constants.forEach(Constant::close));
  }
}
