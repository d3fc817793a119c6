package dev.quintet.trainer.verify;

import dev.quintet.core.io.SafetensorsFile;
import dev.quintet.models.adapt.Adapter;
import dev.quintet.models.t5.T5;
import dev.quintet.models.verify.AdapterRecording;
import dev.quintet.models.verify.Golden;
import dev.quintet.models.verify.ReluKinks;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// The recorded training of an adapter, taken again.
///
/// Where the input of a ReLU is nearer 0 than rounding reaches, two right computations may differ in that step's gradient
/// and from there on. Then the sides that the recording was on are looked for, one after the other.
///
/// @param trajectory the recorded training
/// @param batches the file of its batches
/// @param golden the folder
record AdapterWalk(Trajectory trajectory, Path batches, Golden golden) {
  private static final int MOST = 12;

  /// A choice of another side.
  private record Flip(int step, ReluKinks.Kink kink) {}

  /// What was computed.
  ///
  /// @param losses one a step
  /// @param parameters the adapter's at the end, by their names in files
  /// @param base how many parameters the base has
  /// @param unchanged whether they all are as before
  /// @param kinks what inputs of ReLUs lay within rounding of 0, by step
  /// @param flipped how many of them were on the other side
  record Walked(
      double[] losses,
      Map<String, float[]> parameters,
      int base,
      boolean unchanged,
      List<List<ReluKinks.Kink>> kinks,
      int flipped) {

    /// The parameter that a recording calls so.
    Optional<float[]> end(String name) {
      return AdapterRecording.find(parameters, name);
    }

    /// What a report says of other sides.
    String sides() {
      return flipped == 0 ? "" : "; ReLU inputs within rounding of 0, other side: " + flipped;
    }
  }

  /// The course that goes longest with the recorded losses: as it comes, unless a ReLU's other side explains them.
  Walked nearest() {
    var flips = new ArrayList<Flip>();
    Walked best = walk(flips);
    int tries = 0;
    boolean better = true;
    while (better && apart(best) < trajectory.losses().size()) {
      better = false;
      for (Flip flip : before(best, apart(best))) {
        if (tries++ == MOST) {
          return best;
        }
        var more = new ArrayList<Flip>(flips);
        more.add(flip);
        Walked other = walk(more);
        if (apart(other) > apart(best)) {
          flips = more;
          best = other;
          better = true;
          break;
        }
      }
    }
    return best;
  }

  /// The first step whose loss is not the recorded one; their number if all are.
  private int apart(Walked walked) {
    for (int step = 0; step < walked.losses.length; step++) {
      double recorded = trajectory.losses().get(step);
      double off = Math.abs(walked.losses[step] - recorded) / Math.abs(recorded);
      if (!(off <= TrainingCheck.LOSSES)) {
        return step;
      }
    }
    return walked.losses.length;
  }

  /// What may have led to a loss: the last steps before it first.
  private static List<Flip> before(Walked walked, int step) {
    var flips = new ArrayList<Flip>();
    for (int earlier = step - 1; earlier >= 0; earlier--) {
      for (ReluKinks.Kink kink : walked.kinks.get(earlier)) {
        flips.add(new Flip(earlier, kink));
      }
    }
    return flips;
  }

  private Walked walk(List<Flip> flips) {
    try (T5 model = golden.model();
        var file = SafetensorsFile.open(batches)) {
      Adapter adapter = golden.adapt(model);
      adapter.train(true);
      Map<String, float[]> before = base(model, adapter);
      var met = new ArrayList<List<ReluKinks.Kink>>();
      Trajectory.Course course;
      try (var kinks = new ReluKinks(model)) {
        course =
            trajectory.run(
                model,
                file,
                golden.device(),
                adapter::penalty,
                (step, done) -> {
                  if (done) {
                    met.add(List.copyOf(kinks.found()));
                  } else {
                    kinks.flip(at(flips, step));
                  }
                });
      }
      Map<String, float[]> after = base(model, adapter);
      var end = new TreeMap<String, float[]>();
      adapter.parameters().forEach((name, one) -> end.put(name, one.toFloats()));
      boolean unchanged =
          before.keySet().stream()
              .allMatch(name -> Arrays.equals(before.get(name), after.get(name)));
      return new Walked(course.losses(), end, before.size(), unchanged, met, flips.size());
    }
  }

  private static Set<ReluKinks.Kink> at(List<Flip> flips, int step) {
    return flips.stream()
        .filter(flip -> flip.step == step)
        .map(Flip::kink)
        .collect(Collectors.toSet());
  }

  private static Map<String, float[]> base(T5 model, Adapter adapter) {
    var values = new TreeMap<String, float[]>();
    model
        .parameters()
        .forEach((name, one) -> {
          if (!adapter.parameters().containsValue(one)) {
            values.put(name, one.toFloats());
          }
        });
    return values;
  }
}
