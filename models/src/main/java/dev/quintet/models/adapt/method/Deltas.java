package dev.quintet.models.adapt.method;

import dev.quintet.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// The deltas of one place by adapter, and what the rows of this moment have of them.
final class Deltas<D extends Delta> {
  private final Sites sites;
  private final Map<String, D> all = new ConcurrentHashMap<>();

  Deltas(Sites sites) {
    this.sites = sites;
  }

  void put(String adapter, D delta) {
    all.put(adapter, delta);
  }

  void remove(String adapter) {
    all.remove(adapter);
  }

  boolean isEmpty() {
    return all.isEmpty();
  }

  @Nullable D of(String adapter) {
    return all.get(adapter);
  }

  /// Whether no row has a delta here.
  boolean none() {
    for (ActiveAdapters.Rows group : ActiveAdapters.of(sites)) {
      if (all.containsKey(group.adapter())) {
        return false;
      }
    }
    return true;
  }

  /// The delta of all rows; null where they differ or have none.
  @Nullable D only() {
    List<ActiveAdapters.Rows> groups = ActiveAdapters.of(sites);
    return groups.size() == 1 ? all.get(groups.getFirst().adapter()) : null;
  }

  /// Whether all deltas that rows have here are of a kind.
  boolean all(Class<? extends D> kind) {
    for (ActiveAdapters.Rows group : ActiveAdapters.of(sites)) {
      D delta = all.get(group.adapter());
      if (delta != null && !kind.isInstance(delta)) {
        return false;
      }
    }
    return true;
  }

  /// Rows of a batch.
  ///
  /// @param from the first
  /// @param to behind the last
  /// @param total the batch's
  record Part(int from, int to, int total) {
    /// These rows of a tensor; a view.
    Tensor of(Tensor tensor) {
      return from == 0 && to == total ? tensor : tensor.slice(0, from, to);
    }
  }

  /// What each group of rows gets, in the order of the rows.
  ///
  /// @param rows all rows of the batch
  /// @param adapted for rows with a delta
  /// @param plain for rows without one
  Tensor eachGroup(int rows, BiFunction<D, Part, Tensor> adapted, Function<Part, Tensor> plain) {
    List<ActiveAdapters.Rows> groups = ActiveAdapters.of(sites);
    int named = groups.stream().mapToInt(ActiveAdapters.Rows::count).sum();
    if (groups.size() > 1 && rows % named != 0) {
      throw new IllegalStateException(
          "adapters: " + named + " rows have an adapter's name, which " + rows + " rows came of");
    }
    int each = groups.size() > 1 ? rows / named : rows;
    var parts = new ArrayList<Tensor>();
    int from = 0;
    for (ActiveAdapters.Rows group : groups) {
      int to = groups.size() > 1 ? from + each * group.count() : rows;
      var part = new Part(from, to, rows);
      D delta = all.get(group.adapter());
      parts.add(delta == null ? plain.apply(part) : adapted.apply(delta, part));
      from = to;
    }
    return parts.size() == 1 ? parts.getFirst() : Tensor.concat(0, parts);
  }
}
