package dev.quintet.trainer.demo;

import dev.quintet.core.io.AtomicDirectory;
import dev.quintet.models.text.TextToText;
import dev.quintet.trainer.data.Example;
import dev.quintet.trainer.data.Examples;
import dev.quintet.trainer.loop.RunFolders;
import dev.quintet.trainer.loop.T5Learner;
import dev.quintet.trainer.loop.TrainingListener;
import dev.quintet.trainer.loop.TrainingLoop;
import dev.quintet.trainer.schedule.Freezing;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Measures how long a training step takes here, on a model that is thrown away.
final class StepTimer {
  private static final int STEPS = 500;
  private static final int WARM_UP = 350; // until the compiler is done with most kernels

  private StepTimer() {}

  /// The lower quartile of a step's seconds: kernels that are still being compiled count for little.
  static double seconds(TextToText model, Examples train, long seed, DemoFolder folder) {
    Path scratch = folder.path(DemoFolder.TIMING);
    remove(scratch); // of a demo that was killed
    var nanoseconds = new ArrayList<Long>();
    TrainingListener timer =
        new TrainingListener() {
          @Override
          public void stepped(StepReport report) {
            nanoseconds.add(report.nanoseconds());
          }
        };
    try (model) {
      var plan = DemoRecipe.plan(model.model(), STEPS, seed, STEPS, Freezing.NONE);
      Examples none = Examples.of(List.<Example>of());
      new TrainingLoop(
              new T5Learner(model),
              plan,
              train,
              none,
              RunFolders.in(scratch),
              List.of(timer),
              () -> false)
          .run(false);
    } finally {
      remove(scratch);
    }
    List<Long> warm = nanoseconds.stream().skip(WARM_UP).sorted().toList();
    return warm.get(warm.size() / 4) / 1e9;
  }

  private static void remove(Path scratch) {
    if (Files.exists(scratch)) {
      AtomicDirectory.delete(scratch);
    }
  }
}
