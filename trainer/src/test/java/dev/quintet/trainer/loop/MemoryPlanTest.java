package dev.quintet.trainer.loop;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.core.backend.Backends;
import dev.quintet.core.backend.Memory;
import dev.quintet.core.shape.Device;
import dev.quintet.core.tensor.Parameter;
import dev.quintet.models.text.TextToText;
import dev.quintet.trainer.TinyText;
import dev.quintet.trainer.optim.AdamW;
import dev.quintet.trainer.optim.UpdateRule.NotFinite;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MemoryPlanTest {
  private static final Memory MEMORY = Backends.of(Device.cpu()).memory();

  @TempDir Path folder;

  @Test
  void isWithinATenthOfWhatStepsThenTakeWhateverTheOptions() throws InterruptedException {
    collectWhatEarlierTestsLeft();
    List<UnaryOperator<Trainer>> ways =
        List.of(
            t -> t,
            t -> t.checkpointing(true),
            t -> t.optimizer(AdamW.Options.DEFAULT.withNarrowMoments()),
            t ->
                t.clip(Double.POSITIVE_INFINITY)
                    .notFinite(NotFinite.FAIL)
                    .checkpointing(true)
                    .fusedUpdate(true),
            t -> t.accumulation(2),
            t -> t.freeze("encoder.*"));
    for (int i = 0; i < ways.size(); i++) {
      for (int attempt = 0; !compares(i, attempt, ways.get(i)); attempt++) {
        assertTrue(attempt < 10, "what earlier tests left is collected again and again");
      }
    }
  }

  /// Compares a plan with what a run takes; false where what earlier tests left was freed meanwhile, which says nothing.
  private boolean compares(int i, int attempt, UnaryOperator<Trainer> way) {
    long before = MEMORY.bytesInUse();
    TextToText text = TinyText.model(0.1f, 1);
    Parameter shared = shared(text);
    var watching = new Watching(shared);
    float[] weights = shared.toFloats();
    long parameters = text.model().parameterCount();
    MEMORY.resetPeak();
    way.apply(Trainer.of(text).data(TinyText.pairs(64, 1), TinyText.pairs(0, 2)))
        .batchSize(16)
        .steps(4)
        .listener(watching)
        .run(folder.resolve("out" + i + "-" + attempt));
    long taken = MEMORY.peakBytes() - before;
    text.close();
    if (MEMORY.bytesInUse() < before) {
      return false;
    }
    MemoryPlan plan = watching.plans.getFirst();
    assertEquals(taken, plan.total(), 0.1 * taken, i + " " + plan);
    assertEquals(4 * parameters, plan.weights());
    assertArrayEquals(weights, watching.weights.getFirst());
    if (i == 2) {
      assertEquals(plan.weights(), plan.moments(), 0.01 * plan.weights());
    } else if (i < 5) {
      assertEquals(2 * plan.weights(), plan.moments(), 0.01 * plan.weights());
      assertEquals(plan.weights(), plan.allGradients());
    } else {
      assertTrue(plan.allGradients() < plan.weights());
    }
    return true;
  }

  /// What others left unclosed is freed when it is collected, which would count here as memory given back.
  private static void collectWhatEarlierTestsLeft() throws InterruptedException {
    long left = -1;
    for (int same = 0, i = 0; same < 3 && i < 40; i++) {
      System.gc();
      Thread.sleep(20);
      same = MEMORY.bytesInUse() == left ? same + 1 : 0;
      left = MEMORY.bytesInUse();
    }
  }

  @Test
  void anOptimizerOfSomebodyElseIsNotCalledForThePlan() {
    var calls = new int[1];
    TextToText text = TinyText.model(0, 1);
    var watching = new Watching(shared(text));
    Trainer.of(text)
        .data(TinyText.pairs(8, 1), TinyText.pairs(0, 2))
        .optimizer(() -> (_, _, _, _) -> calls[0]++)
        .steps(1)
        .listener(watching)
        .run(folder.resolve("out"));
    assertFalse(watching.plans.isEmpty());
    assertEquals(text.model().parameters().size(), calls[0]);
  }

  private static Parameter shared(TextToText text) {
    return Objects.requireNonNull(text.model().parameters().get("shared.weight"));
  }

  private static final class Watching implements TrainingListener {
    private final List<MemoryPlan> plans = new ArrayList<>();
    private final List<float[]> weights = new ArrayList<>();
    private final Parameter shared;

    Watching(Parameter shared) {
      this.shared = shared;
    }

    @Override
    public void planned(Supplier<MemoryPlan> plan) {
      plans.add(plan.get());
      weights.add(shared.toFloats());
    }
  }
}
