package dev.quintet.models.adapt;

import dev.quintet.core.io.SafetensorsFile;
import dev.quintet.core.shape.Device;
import dev.quintet.core.tensor.Parameter;
import dev.quintet.models.adapt.lora.LoraSum;
import dev.quintet.models.adapt.method.ActiveAdapters;
import dev.quintet.models.adapt.method.AdapterException;
import dev.quintet.models.adapt.method.AdapterMethod;
import dev.quintet.models.adapt.method.AdapterParts;
import dev.quintet.models.adapt.method.AdapterTensors;
import dev.quintet.models.adapt.method.Attachment;
import dev.quintet.models.adapt.method.Delta;
import dev.quintet.models.adapt.method.Sites;
import dev.quintet.models.t5.T5;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/// The adapters of a model, which hold the base once however many they are.
///
/// ```java
/// try (T5 model = Checkpoint.load(base)) {
///   Adapters adapters = Adapters.of(model);
///   Adapter tags = adapters.add("tags", Lora.rank(8).withAlpha(16).on("q", "v"), seed); // new, to be trained
///   adapters.load("sums", Path.of("sums-adapter")); // as peft saves it
///   adapters.use("tags");
///   adapters.save("tags", Path.of("tags-adapter"));
/// }
/// ```
///
/// The first adapter freezes the base, whose parameters no adapter changes but by [#merge]. Adapters may be added and
/// loaded while others answer requests.
public final class Adapters {
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-]{1,100}");

  private final T5 model;
  private final Sites sites;
  private final Map<String, Adapter> all =
      Collections.synchronizedMap(new LinkedHashMap<String, Adapter>());

  private final ReentrantReadWriteLock running = new ReentrantReadWriteLock();
  private volatile Optional<Merged> merged = Optional.empty();

  private Adapters(T5 model) {
    this.model = model;
    this.sites = new Sites(model);
  }

  /// The adapters of a model: the same each time.
  public static Adapters of(T5 model) {
    Objects.requireNonNull(model, "Adapters.of: the model is null");
    return model.companion(Adapters.class, () -> new Adapters(model));
  }

  /// The model.
  public T5 model() {
    return model;
  }

  // ---- adding ----

  /// Adds a new adapter, which trains and is not used yet.
  ///
  /// @param name letters, digits, `_` and `-`
  /// @param method what it does, with its settings
  /// @param seed with each parameter's name it determines how that begins
  /// @throws AdapterException if the name is taken or the method does not fit the model; the model is then as before
  public Adapter add(String name, AdapterMethod method, long seed) {
    Objects.requireNonNull(method, "Adapters.add: the method is null");
    return attach(name, method, new NewTensors(seed, device()), List.of(), List::of);
  }

  /// Loads an adapter of peft's files, which does not train and is not used yet.
  ///
  /// @param name what to call it here
  /// @param folder with `adapter_config.json` and `adapter_model.safetensors`
  /// @throws AdapterException if the name is taken, the files ask for what there is not, or do not fit this base; the
  ///     model is then as before
  /// @throws dev.quintet.core.io.MalformedFileException if a file breaks its format's rules
  /// @throws java.io.UncheckedIOException if a file cannot be read
  public Adapter load(String name, Path folder) {
    Objects.requireNonNull(folder, "Adapters.load: the folder is null");
    var files = new AdapterFolder(folder);
    AdapterFolder.Read read = files.read();
    try (SafetensorsFile file = SafetensorsFile.open(files.weights())) {
      var tensors = new StoredTensors(file, device());
      return attach(name, read.method(), tensors, read.notes(), tensors::finish);
    }
  }

  private Device device() {
    return model.decoder().table().weight().device();
  }

  private synchronized Adapter attach(
      String name,
      AdapterMethod method,
      AdapterTensors tensors,
      List<String> notes,
      Supplier<List<String>> finish) {
    checkNotMerged();
    checkName(name);
    var attachment = new Attachment(sites, name, tensors);
    boolean whole = false;
    try {
      AdapterParts parts = method.attach(attachment);
      WholeModules.attach(attachment, method);
      var heard = new ArrayList<String>(notes);
      heard.addAll(attachment.notes());
      heard.addAll(finish.get());
      if (all.isEmpty()) {
        freezeBase(attachment.parameters());
      }
      var adapter = new Adapter(name, parts, attachment.parameters(), heard);
      all.put(name, adapter);
      whole = true;
      return adapter;
    } finally {
      if (!whole) {
        sites.take(name);
        attachment.parameters().values().forEach(Parameter::close);
      }
    }
  }

  private void freezeBase(Map<String, Parameter> own) {
    model.parameters().values().stream()
        .filter(parameter -> !own.containsValue(parameter))
        .forEach(parameter -> parameter.train(false));
  }

  private void checkName(String name) {
    Objects.requireNonNull(name, "Adapters: the name is null");
    if (!NAME.matcher(name).matches()) {
      throw new AdapterException(
          "an adapter's name is of letters, digits, _ and -, up to 100 of them, not '"
              + name
              + "'");
    }
    if (all.containsKey(name)) {
      throw new AdapterException(
          "there is an adapter " + name + " already: remove it, or take another name");
    }
    for (String path : model.names().canonical()) {
      if (List.of(path.split("\\.")).contains(name)) {
        throw new AdapterException(
            "an adapter cannot be called "
                + name
                + ", as a part of the model is: take another name");
      }
    }
  }

  /// Adds the weighted sum of LoRAs as one LoRA, which gives what they give together: their ranks stand side by side. It
  /// trains like a new one.
  ///
  /// @param name the sum's name
  /// @param weights the adapters' names, each with its weight, of any sign
  /// @throws AdapterException if one is no plain LoRA of projections
  public synchronized Adapter combine(String name, Map<String, Double> weights) {
    Objects.requireNonNull(weights, "Adapters.combine: the weights are null");
    var terms = new ArrayList<Map<String, Delta>>();
    var factors = new ArrayList<Double>();
    weights.forEach((each, weight) -> {
      if (!Double.isFinite(weight)) {
        throw new AdapterException("the weight of " + each + " is a finite number, not " + weight);
      }
      terms.add(sites.deltas(get(each).name()));
      factors.add(weight);
    });
    if (terms.isEmpty()) {
      throw new AdapterException("a sum of adapters has at least one: name one with its weight");
    }
    LoraSum sum = LoraSum.of(terms, factors);
    return attach(name, sum.method(), sum.tensors(), List.of(), List::of);
  }

  // ---- looking ----

  /// The names of all adapters, in the order in which they came.
  public List<String> names() {
    synchronized (all) {
      return List.copyOf(all.keySet());
    }
  }

  /// The adapter of a name, if there is one.
  public Optional<Adapter> find(String name) {
    Objects.requireNonNull(name, "Adapters.find: the name is null");
    return Optional.ofNullable(all.get(name));
  }

  /// The adapter of a name.
  ///
  /// @throws AdapterException if there is none
  public Adapter get(String name) {
    return find(name)
        .orElseThrow(() ->
            new AdapterException(
                "there is no adapter " + name + "; there are " + names() + ": load it first"));
  }

  // ---- using ----

  /// Lets all rows have this adapter for which a call names none.
  ///
  /// @throws AdapterException if there is none of this name
  public void use(String name) {
    checkNotMerged();
    sites.standard(get(name).name());
  }

  /// Lets rows have no adapter for which a call names none.
  public void useNone() {
    sites.standard("");
  }

  /// The adapter of rows for which a call names none, if there is one; none while one is merged.
  public Optional<String> used() {
    return Optional.of(sites.standard()).filter(name -> !name.isEmpty() && merged.isEmpty());
  }

  /// Computes something with an adapter for each row of the batches in it, in this thread. Who merges or removes adapters
  /// waits until it is done.
  ///
  /// @param names for each row the adapter's name; empty for none
  /// @throws AdapterException if there is none of a name
  public <T> T with(List<String> names, Supplier<T> body) {
    running.readLock().lock();
    try {
      names.stream()
          .filter(name -> !name.isEmpty())
          .distinct()
          .forEach(name -> {
            get(name);
            checkNotMerged();
          });
      return ActiveAdapters.call(sites, names, body);
    } finally {
      running.readLock().unlock();
    }
  }

  // ---- merging ----

  /// Works an adapter into the base's weights: until [#unmerge] the model computes what it computed with the adapter, is
  /// saved so, and has no adapters.
  ///
  /// @throws AdapterException if there is none of this name, another one is merged, or the method cannot be expressed by
  ///     weights; the base is then as before
  public synchronized void merge(String name) {
    Adapter adapter = get(name);
    checkNotMerged();
    alone(() -> {
      sites.hide();
      try {
        merged = Optional.of(Merged.of(adapter.name(), sites, sites.deltas(name)));
      } finally {
        if (merged.isEmpty()) {
          sites.show();
        }
      }
    });
  }

  /// What peft makes of weights that several modules share, such as the table of a tied head, where it merges an adapter of
  /// one of them: it works the change into the one weight, so that all of them get it, and the merged model computes something
  /// else than the adapter did. [#merge] gives the module a weight of its own instead. For comparison with what peft has
  /// recorded; the model stays as it is.
  ///
  /// @return the values by the weights' names; nothing of weights that one module has for itself
  /// @throws AdapterException if there is none of this name, or one is merged
  public synchronized Map<String, float[]> sharedAsPeftMerges(String name) {
    String known = get(name).name();
    checkNotMerged();
    var deltas = new HashMap<>(sites.deltas(known));
    deltas.putAll(sites.idle(known));
    return Merged.shared(sites, deltas);
  }

  /// Takes the merged adapter out of the base's weights, which are then to the bit what they were before.
  ///
  /// @throws AdapterException if none is merged
  public synchronized void unmerge() {
    Merged one =
        merged.orElseThrow(
            () -> new AdapterException("no adapter is merged: there is nothing to undo"));
    alone(() -> {
      one.undo();
      merged = Optional.empty();
      sites.show();
    });
  }

  /// Does something while no call runs in which rows have adapters.
  private void alone(Runnable body) {
    if (running.getReadHoldCount() > 0) {
      throw new IllegalStateException(
          "adapters are merged and removed when the calls that use them have returned, and one runs in this very thread");
    }
    running.writeLock().lock();
    try {
      body.run();
    } finally {
      running.writeLock().unlock();
    }
  }

  /// The adapter that is merged, if one is.
  public Optional<String> merged() {
    return merged.map(Merged::adapter);
  }

  private void checkNotMerged() {
    merged.ifPresent(one -> {
      throw new AdapterException(
          "the adapter " + one.adapter() + " is merged into the base: unmerge it first");
    });
  }

  // ---- giving away ----

  /// Writes an adapter as peft does: `adapter_config.json` and `adapter_model.safetensors`. The base is named as it was
  /// when the model was loaded.
  ///
  /// @throws AdapterException if there is none of this name, or the folder is a model's
  /// @throws java.io.UncheckedIOException if a file cannot be written
  public void save(String name, Path folder) {
    Objects.requireNonNull(folder, "Adapters.save: the folder is null");
    new AdapterFolder(folder).write(get(name), model.origin());
  }

  /// Takes an adapter away and frees it; where it was the last one in a place, the model's own part stands there again.
  ///
  /// @throws AdapterException if there is none of this name
  public synchronized void remove(String name) {
    Adapter adapter = get(name);
    checkNotMerged();
    if (sites.standard().equals(name)) {
      useNone();
    }
    alone(() -> {
      sites.take(name);
      all.remove(name);
      adapter.close();
    });
  }
}
