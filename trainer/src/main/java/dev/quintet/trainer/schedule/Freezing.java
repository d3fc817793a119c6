package dev.quintet.trainer.schedule;

import dev.quintet.core.nn.Module;
import dev.quintet.core.tensor.Parameter;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/// Which parameters train, and from which step on.
///
/// First the `freeze` patterns freeze, then those of each step of `unfreeze` thaw when the step is reached;
/// step 0 from the start. Patterns read as [Module#freeze] says; the last match wins.
///
/// @param freeze patterns of what is frozen at the start
/// @param unfreeze from a step, counted from 0, to the patterns of what trains from then on
public record Freezing(List<String> freeze, SortedMap<Long, List<String>> unfreeze) {
  /// Everything trains.
  public static final Freezing NONE = new Freezing(List.of(), new TreeMap<>());

  /// Copies the patterns.
  ///
  /// @throws IllegalArgumentException if a step is negative
  public Freezing {
    freeze = List.copyOf(freeze);
    var copy = new TreeMap<Long, List<String>>();
    unfreeze.forEach((step, patterns) -> copy.put(step, List.copyOf(patterns)));
    if (!copy.isEmpty() && copy.firstKey() < 0) {
      throw new IllegalArgumentException("unfreezing starts from step 0: " + copy.firstKey());
    }
    unfreeze = Collections.unmodifiableSortedMap(copy);
  }

  /// Frozen by these patterns throughout.
  public static Freezing of(String... patterns) {
    return new Freezing(List.of(patterns), new TreeMap<>());
  }

  /// Only what these patterns match trains.
  public static Freezing allBut(String... patterns) {
    return new Freezing(List.of("*"), new TreeMap<>(Map.of(0L, List.of(patterns))));
  }

  /// Checks that every pattern matches something, also those of later steps.
  ///
  /// @throws IllegalArgumentException if one does not; the message lists near names
  public void check(Module module) {
    check(module, "\"freeze\"", freeze);
    unfreeze.forEach((step, patterns) -> check(module, "\"unfreeze\" at step " + step, patterns));
  }

  private static void check(Module module, String key, List<String> patterns) {
    try {
      var _ = module.names().select(patterns);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(key + ": " + e.getMessage(), e);
    }
  }

  /// Checks also that something trains before a run ends.
  ///
  /// @param module what is trained
  /// @param steps of the run
  /// @throws IllegalArgumentException if a pattern matches nothing, or everything stays frozen until the end
  public void check(Module module, long steps) {
    check(module);
    if (!trains(module, steps)) {
      String never =
          unfreeze.isEmpty() || unfreeze.lastKey() < steps
              ? ""
              : ", and what thaws from step "
                  + unfreeze.tailMap(steps).firstKey()
                  + " on thaws too late";
      throw new IllegalArgumentException(
          "everything is frozen for all of the "
              + steps
              + " steps"
              + never
              + ": nothing would be trained");
    }
  }

  private boolean trains(Module module, long steps) {
    if (freeze.isEmpty() && unfreeze.isEmpty()) {
      return module.parameters().values().stream().anyMatch(Parameter::trains);
    }
    var frozen = new HashSet<String>(module.names().select(freeze).names());
    unfreeze
        .headMap(steps)
        .values()
        .forEach(patterns -> frozen.removeAll(module.names().select(patterns).names()));
    return !frozen.containsAll(module.parameters().keySet());
  }

  /// Sets what trains at a step, from whatever was set before; without patterns of its own it leaves
  /// the module as its owner froze it.
  ///
  /// @throws IllegalArgumentException if a pattern matches nothing
  public void apply(Module module, long step) {
    if (freeze.isEmpty() && unfreeze.isEmpty()) {
      return;
    }
    module.train("*");
    if (!freeze.isEmpty()) {
      module.freeze(freeze.toArray(String[]::new));
    }
    unfreeze
        .headMap(step + 1)
        .values()
        .forEach(patterns -> module.train(patterns.toArray(String[]::new)));
  }

  /// Whether something thaws at this step.
  public boolean changesAt(long step) {
    return unfreeze.containsKey(step);
  }
}
