package dev.quintet.models.adapt;

import dev.quintet.core.nn.Embedding;
import dev.quintet.core.nn.Linear;
import dev.quintet.core.nn.Module;
import dev.quintet.core.nn.RmsNorm;
import dev.quintet.core.shape.DType;
import dev.quintet.core.tensor.Parameter;
import dev.quintet.core.tensor.Scope;
import dev.quintet.core.tensor.Tensor;
import dev.quintet.models.adapt.method.AdapterException;
import dev.quintet.models.adapt.method.Delta;
import dev.quintet.models.adapt.method.Sites;
import dev.quintet.models.adapt.method.SubstituteDelta;
import dev.quintet.models.t5.T5;
import java.util.ArrayList;
import java.util.Collection;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// An adapter that was worked into the base's weights, and what they were before.
final class Merged {
  private static final List<String> ORDER =
      List.of("shared", "encoder.embed_tokens", "decoder.embed_tokens", "lm_head");

  private final String adapter;
  private final T5 model;
  private final List<Runnable> undo = new ArrayList<>();

  private Merged(String adapter, T5 model) {
    this.adapter = adapter;
    this.model = model;
  }

  /// Works an adapter into the base's weights.
  ///
  /// @param name the adapter's
  /// @param sites the model's places, in which its own modules stand again
  /// @throws AdapterException if a delta cannot be expressed by weights; all are then as before
  static Merged of(String name, Sites sites, Map<String, Delta> deltas) {
    var merged = new Merged(name, sites.model());
    boolean whole = false;
    try (var _ = Scope.openWithoutGradients(sites.model().decoder().table().weight().device())) {
      deltas.forEach((path, delta) -> merged.work(path, sites.base(path), delta));
      merged.separateBoth(sites);
      whole = true;
      return merged;
    } finally {
      if (!whole) {
        merged.undo();
      }
    }
  }

  private void work(String path, Module base, Delta delta) {
    Parameter weight = weight(base).orElseThrow(() -> impossible(path));
    Scope.local(() -> {
      Tensor made =
          delta.merged(weight.detach().cast(DType.F32)).orElseThrow(() -> impossible(path));
      if (model.aliases().containsKey(path + ".weight")) {
        separate(path, base, weight, made);
      } else {
        Parameter before = Parameter.copyOf(weight);
        undo.add(() -> {
          weight.set(before);
          before.close();
        });
        weight.set(made);
      }
      return made;
    });
  }

  private static Optional<Parameter> weight(Module base) {
    return switch (base) {
      case Linear linear -> Optional.of(linear.weight());
      case Embedding table -> Optional.of(table.weight());
      case RmsNorm norm -> Optional.of(norm.weight());
      default -> Optional.empty();
    };
  }

  /// What becomes of weights that several modules share where each delta is worked into the one weight, as peft does, in
  /// the order in which peft goes through a T5; the model stays as it is.
  ///
  /// @param deltas by path, those of places where nothing is asked for among them
  /// @return the values by the weights' names
  static Map<String, float[]> shared(Sites sites, Map<String, Delta> deltas) {
    var names = new IdentityHashMap<Parameter, String>();
    sites.model().parameters().forEach((name, parameter) -> names.put(parameter, name));
    Collection<String> tied = sites.model().aliases().values();
    var made = new LinkedHashMap<String, Tensor>();
    try (var _ = Scope.openWithoutGradients(sites.model().decoder().table().weight().device())) {
      for (String path : ORDER) {
        Delta delta = deltas.get(path);
        if (delta == null) {
          continue;
        }
        Optional<Parameter> weight = weight(sites.base(path));
        String name = weight.map(names::get).orElse("");
        if (weight.isEmpty() || !tied.contains(name)) {
          continue;
        }
        // a module that is trained as a whole takes the place of the one that has the weight's
        // name, and of no other
        boolean whole = delta instanceof SubstituteDelta;
        if (whole && !name.equals(path + ".weight")) {
          continue;
        }
        Tensor own = made.getOrDefault(name, weight.get().detach().cast(DType.F32));
        delta.merged(own).ifPresent(merged -> made.put(name, merged));
      }
      var values = new LinkedHashMap<String, float[]>();
      made.forEach((name, tensor) -> values.put(name, tensor.toFloats()));
      return values;
    }
  }

  /// Gives the other stack an embedding of its own where one has it: files know both or none.
  private void separateBoth(Sites sites) {
    List<String> shared =
        Sites.EMBEDDINGS.stream()
            .filter(path -> model.aliases().containsKey(path + ".weight"))
            .toList();
    if (shared.size() == 1 && !model.config().separate()) {
      Module base = sites.base(shared.getFirst());
      weight(base).ifPresent(weight -> separate(shared.getFirst(), base, weight, weight));
    }
  }

  /// Gives a module that shares its weight, as a tied head does, one of its own.
  private void separate(String path, Module base, Parameter weight, Tensor made) {
    Parameter own = Parameter.copyOf(weight);
    own.train(weight.trains());
    own.set(made);
    model.replace(path, base instanceof Linear ? new Linear(own) : new Embedding(own));
    undo.add(() -> {
      model.replace(path, base);
      own.close();
    });
  }

  private AdapterException impossible(String path) {
    return new AdapterException(
        "the adapter "
            + adapter
            + " cannot be merged: what it does at "
            + path
            + " is nothing that the base's weights could do alone. Save it beside the base instead");
  }

  String adapter() {
    return adapter;
  }

  /// Gives the base its weights back, to the bit.
  void undo() {
    undo.reversed().forEach(Runnable::run);
    undo.clear();
  }
}
