package dev.quintet.trainer.loop;

import dev.quintet.trainer.data.BatchPlan;
import dev.quintet.trainer.data.Mixture;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/// The tasks of a run that learns several, and how often their examples are seen.
public final class TaskShares {
  private final List<Share> shares;
  private final Mixture mixture;
  private final BatchPlan order;

  /// One task.
  ///
  /// @param name its name
  /// @param examples how many it has
  /// @param rate the chance of a place to be the task's
  /// @param places how many places of an epoch are
  public record Share(String name, int examples, double rate, int places) {}

  TaskShares(List<Share> shares, Mixture mixture, BatchPlan order) {
    this.shares = List.copyOf(shares);
    this.mixture = mixture;
    this.order = order;
  }

  /// The tasks.
  public List<Share> list() {
    return shares;
  }

  /// How many examples of each task are seen in so many steps, by its name.
  public SequencedMap<String, Long> seen(long steps) {
    long epochs = steps / order.stepsPerEpoch();
    long[] seen = new long[shares.size()];
    for (int t = 0; t < seen.length; t++) {
      seen[t] = epochs * shares.get(t).places();
    }
    for (long step = epochs * order.stepsPerEpoch(); step < steps; step++) {
      for (int index : order.indices(step)) {
        seen[mixture.task(index)]++;
      }
    }
    var byName = new LinkedHashMap<String, Long>();
    for (int t = 0; t < seen.length; t++) {
      byName.put(shares.get(t).name(), seen[t]);
    }
    return byName;
  }
}
