package dev.quintet.models.adapt.method;

import dev.quintet.core.nn.Module;
import dev.quintet.models.t5.AttentionLayer;
import dev.quintet.models.t5.T5;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The places of one model where adapters stand, and which adapter rows have unless a call says otherwise.
public final class Sites {
  /// The paths of the embeddings that the stacks look ids up in, of which each may be the shared one.
  public static final List<String> EMBEDDINGS =
      List.of("encoder.embed_tokens", "decoder.embed_tokens");

  private final T5 model;
  private final Map<String, Site> sites = new LinkedHashMap<>();
  private final Map<String, Map<String, Delta>> idle = new HashMap<>();
  private volatile String standard = "";

  /// The places of a model, none of which has an adapter yet.
  public Sites(T5 model) {
    this.model = model;
  }

  /// The model.
  public T5 model() {
    return model;
  }

  /// The adapter of rows that no call names one for; empty for none.
  public String standard() {
    return standard;
  }

  /// Sets the adapter of rows that no call names one for; empty for none.
  public void standard(String adapter) {
    standard = adapter;
  }

  /// The paths of the model's own modules, as transformers has them, in the model's order.
  List<String> paths() {
    Map<String, Module> all = model.modules();
    var paths = new ArrayList<String>();
    all.forEach((path, module) -> {
      if (!path.endsWith(".wrapped") && !added(path, all)) {
        paths.add(path);
      }
    });
    EMBEDDINGS.stream().filter(path -> !paths.contains(path)).forEach(paths::add);
    return paths;
  }

  /// Whether a path leads to a delta or into one.
  private static boolean added(String path, Map<String, Module> all) {
    for (int end = path.length(); end > 0; end = path.lastIndexOf('.', end - 1)) {
      if (all.get(path.substring(0, end)) instanceof Delta) {
        return true;
      }
    }
    return false;
  }

  /// The model's own module at a path, whatever stands in its place.
  ///
  /// @throws AdapterException if there is none
  public Module base(String path) {
    Site site = sites.get(path);
    return site != null
        ? site.base()
        : model
            .find(path)
            .orElseThrow(
                () -> new AdapterException("the model has no module " + path + " to adapt"));
  }

  /// The deltas of an adapter by the paths where they stand.
  public Map<String, Delta> deltas(String adapter) {
    var found = new LinkedHashMap<String, Delta>();
    sites.forEach((path, site) -> {
      Delta delta = site.deltas().of(adapter);
      if (delta != null) {
        found.put(path, delta);
      }
    });
    return found;
  }

  /// The deltas of an adapter that files have of places where nothing is asked for, by those.
  public Map<String, Delta> idle(String adapter) {
    return Collections.unmodifiableMap(idle.getOrDefault(adapter, Map.of()));
  }

  void putIdle(String path, String adapter, Delta delta) {
    idle.computeIfAbsent(adapter, _ -> new LinkedHashMap<>()).put(path, delta);
  }

  void put(String path, String adapter, Delta delta) {
    Site site = sites.get(path);
    if (site != null && site.deltas().of(adapter) != null) {
      throw new AdapterException(
          path
              + " would be adapted and trained as a whole as well: take it out of target_modules or of modules_to_save");
    }
    if (site == null) {
      Module base = base(path);
      site =
          base instanceof AttentionLayer
              ? new AdaptedAttention(this, base)
              : new AdaptedLayer(this, base);
      site.put(adapter, delta);
      model.replace(path, (Module) site);
      sites.put(path, site);
    } else {
      site.put(adapter, delta);
    }
  }

  /// Takes an adapter away; its deltas are not closed.
  public void take(String adapter) {
    idle.remove(adapter);
    sites
        .entrySet()
        .removeIf(entry -> {
          Site site = entry.getValue();
          if (site.deltas().of(adapter) != null) {
            site.take(adapter);
          }
          if (site.deltas().isEmpty()) {
            model.replace(entry.getKey(), site.base());
            return true;
          }
          return false;
        });
  }

  /// Puts the model's own modules back, as if there were no adapter, until [#show].
  public void hide() {
    sites.forEach((path, site) -> model.replace(path, site.base()));
  }

  /// Puts adapters in their places again.
  public void show() {
    sites.forEach((path, site) -> model.replace(path, (Module) site));
  }
}
