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
import dev.quintet.models.t5.T5;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// An adapter that was worked into the base's weights, and what they were before.
final class Merged {
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
      whole = true;
      return merged;
    } finally {
      if (!whole) {
        merged.undo();
      }
    }
  }

  private void work(String path, Module base, Delta delta) {
    Parameter weight =
        switch (base) {
          case Linear linear -> linear.weight();
          case Embedding table -> table.weight();
          case RmsNorm norm -> norm.weight();
          default -> throw impossible(path);
        };
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
