package dev.quintet.models.adapt.method;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/// Which adapter each row of what a thread computes has, where it is not the model's default.
///
/// Bound for the length of a call, and in the calling thread alone. Where a batch has more rows than were named, as with
/// several beams of each input, each named row stands for as many in turn.
public final class ActiveAdapters {
  private static final ScopedValue<ActiveAdapters> BOUND = ScopedValue.newInstance();

  private final Sites sites;
  private final List<Rows> groups;

  private ActiveAdapters(Sites sites, List<Rows> groups) {
    this.sites = sites;
    this.groups = groups;
  }

  /// Rows one behind the other with the same adapter.
  ///
  /// @param adapter its name; empty for none
  /// @param count how many
  record Rows(String adapter, int count) {}

  /// Computes something with an adapter for each row.
  ///
  /// @param sites the model's
  /// @param names for each row the adapter's name, empty for none; few groups of equal ones are quick
  public static <T> T call(Sites sites, List<String> names, Supplier<T> body) {
    var groups = new ArrayList<Rows>();
    for (String name : names) {
      boolean same = !groups.isEmpty() && groups.getLast().adapter.equals(name);
      groups.add(new Rows(name, same ? groups.removeLast().count + 1 : 1));
    }
    return ScopedValue.where(BOUND, new ActiveAdapters(sites, List.copyOf(groups))).call(body::get);
  }

  /// The groups of rows of a model in this thread: one where all rows have the same adapter.
  static List<Rows> of(Sites sites) {
    if (BOUND.isBound() && BOUND.get().sites == sites) {
      return BOUND.get().groups;
    }
    return List.of(new Rows(sites.standard(), 1));
  }
}
