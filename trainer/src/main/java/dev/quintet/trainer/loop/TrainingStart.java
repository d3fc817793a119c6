package dev.quintet.trainer.loop;

import dev.quintet.core.nn.Module;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;

/// What a run starts with.
///
/// @param fromStep steps done already; 0 for a fresh run
/// @param steps steps in all
/// @param stepsPerEpoch steps of one pass over the data
/// @param groups trainable and frozen counts of each part of the model
public record TrainingStart(long fromStep, long steps, long stepsPerEpoch, List<Group> groups) {

  /// The counts of a model as it is frozen now: one group a block, and one for each other part.
  static List<Group> groups(Module module) {
    var counts = new LinkedHashMap<String, long[]>();
    module
        .parameters()
        .forEach((name, parameter) -> {
          long[] count = counts.computeIfAbsent(part(name), n -> new long[2]);
          count[parameter.trains() ? 0 : 1] += parameter.elements();
        });
    var groups = new ArrayList<Group>();
    counts.forEach((part, count) -> groups.add(new Group(part, count[0], count[1])));
    return groups;
  }

  private static String part(String name) {
    String[] words = name.split("\\.");
    return words.length > 3 && words[1].equals("block")
        ? String.join(".", words[0], words[1], words[2])
        : words.length > 2 ? words[0] + "." + words[1] : words[0];
  }

  /// Elements that train.
  public long trainable() {
    return groups.stream().mapToLong(Group::trainable).sum();
  }

  /// Elements that are frozen.
  public long frozen() {
    return groups.stream().mapToLong(Group::frozen).sum();
  }

  /// The counts as a table of text.
  public String table() {
    int width = groups.stream().mapToInt(g -> g.part().length()).max().orElse(5);
    String form = "%-" + Math.max(5, width) + "s  %15s  %15s%n";
    var text = new StringBuilder(form.formatted("part", "trainable", "frozen"));
    for (Group group : groups) {
      text.append(row(form, group.part(), group.trainable(), group.frozen()));
    }
    return text.append(row(form, "total", trainable(), frozen())).toString();
  }

  private static String row(String form, String part, long trainable, long frozen) {
    return form.formatted(part, grouped(trainable), grouped(frozen));
  }

  private static String grouped(long count) {
    return count == 0 ? "-" : String.format(Locale.ROOT, "%,d", count);
  }

  /// The counts of one part of the model.
  ///
  /// @param part such as `encoder.block.0`
  /// @param trainable elements that train
  /// @param frozen elements that are frozen
  public record Group(String part, long trainable, long frozen) {}
}
