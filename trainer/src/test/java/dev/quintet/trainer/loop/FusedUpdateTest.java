package dev.quintet.trainer.loop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.core.cpu.CpuBackend;
import dev.quintet.core.shape.DType;
import dev.quintet.models.adapt.AdapterMethods;
import dev.quintet.models.json.JsonObject;
import dev.quintet.trainer.TinyText;
import dev.quintet.trainer.loop.TrainingListener.StepReport;
import dev.quintet.trainer.optim.AdamW;
import dev.quintet.trainer.optim.Ema;
import dev.quintet.trainer.optim.Lion;
import dev.quintet.trainer.optim.UpdateRule.NotFinite;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FusedUpdateTest {
  private static final Path MODEL = Path.of("last", "model.safetensors");
  private static final Path MOMENTS = Path.of("checkpoints", "step-6", "optimizer.safetensors");

  @TempDir Path folder;

  private static Trainer trainer() {
    return Trainer.of(TinyText.model(0.1f, 1))
        .data(TinyText.pairs(40, 1), TinyText.pairs(9, 2))
        .steps(6)
        .learningRate(0.01)
        .clip(Double.POSITIVE_INFINITY)
        .notFinite(NotFinite.FAIL);
  }

  @Test
  void itsBitsAreThoseOfUpdatesAfterTheWayBackWithoutClipping() throws IOException {
    List<UnaryOperator<Trainer>> ways =
        List.of(
            t -> t,
            t -> t.checkpointing(true),
            t -> t.freeze("encoder.*").unfreeze(2, "encoder.*"),
            t -> t.ema(Ema.Options.DEFAULT),
            t -> t.clipValue(1e-3).clip(1),
            t -> t.optimizer(Lion.Options.DEFAULT),
            t -> t.optimizer(AdamW.Options.DEFAULT.withNarrowMoments()),
            t -> t.type(DType.BF16));
    for (int i = 0; i < ways.size(); i++) {
      Path plain = folder.resolve("plain" + i);
      Path fused = folder.resolve("fused" + i);
      ways.get(i).apply(trainer()).run(plain);
      ways.get(i).apply(trainer()).fusedUpdate(true).run(fused);
      for (Path file : List.of(MODEL, MOMENTS)) {
        assertEquals(-1, Files.mismatch(plain.resolve(file), fused.resolve(file)), i + " " + file);
      }
    }
  }

  @Test
  void eachStepSaysItsOwnLossWhileAllIsFrozen() {
    UnaryOperator<Trainer> way = t -> t.freeze("*").unfreeze(2, "*").ema(Ema.Options.DEFAULT);
    var plain = new ArrayList<StepReport>();
    var fused = new ArrayList<StepReport>();
    way.apply(trainer()).listener(keeping(plain)).run(folder.resolve("plain"));
    way.apply(trainer()).fusedUpdate(true).listener(keeping(fused)).run(folder.resolve("fused"));
    assertEquals(6, plain.size());
    assertEquals(
        plain.stream().map(StepReport::loss).toList(),
        fused.stream().map(StepReport::loss).toList());
  }

  private static TrainingListener keeping(List<StepReport> reports) {
    return new TrainingListener() {
      @Override
      public void stepped(StepReport report) {
        reports.add(report);
      }
    };
  }

  @Test
  void withNarrowMomentsAStoppedRunGoesOnBitForBitWithAnotherNumberOfThreads() throws IOException {
    Path whole = folder.resolve("whole");
    Path parts = folder.resolve("parts");
    int threads = CpuBackend.threads();
    try {
      CpuBackend.threads(1);
      narrow().fusedUpdate(true).run(whole);
      var steps = new int[1];
      assertTrue(narrow().stopWhen(() -> ++steps[0] == 3).run(parts).stopped());
      CpuBackend.threads(3);
      assertEquals(3, narrow().resume().run(parts).stepsHere());
    } finally {
      CpuBackend.threads(threads);
    }
    for (Path file : List.of(MODEL, MOMENTS)) {
      assertEquals(-1, Files.mismatch(whole.resolve(file), parts.resolve(file)));
    }
    Path wide = folder.resolve("wide");
    trainer().run(wide);
    assertTrue(Files.size(whole.resolve(MOMENTS)) < 0.6 * Files.size(wide.resolve(MOMENTS)));
    assertThrows(OtherRunException.class, () -> trainer().resume().run(parts));
  }

  private static Trainer narrow() {
    return trainer().optimizer(AdamW.Options.DEFAULT.withNarrowMoments());
  }

  @Test
  void whatNeedsAllGradientsIsRefusedWithTheKeysAndWhatToTakeInstead() {
    assertRefused(t -> t.clip(1), "clipping by the norm", "1e30", "clip_value");
    assertRefused(t -> t.notFinite(NotFinite.SKIP), "nonfinite to fail");
    assertRefused(t -> t.accumulation(2), "accumulation to 1");
    assertRefused(t -> t.autoBatch(true), "auto_batch");
    assertRefused(t -> t.clip(1).notFinite(NotFinite.SKIP), "clip_value", "nonfinite to fail");
    assertRefused(t -> t.callback(new Reader()), "a callback reads the gradients of all");
    assertRefused(
        t ->
            t.adapter(
                AdapterMethods.of(
                    JsonObject.of(Map.of("method", "adalora", "tinit", 1L, "tfinal", 2L)))),
        "this adapter reads gradients");
  }

  private void assertRefused(UnaryOperator<Trainer> with, String... words) {
    Path out = folder.resolve("refused");
    var e =
        assertThrows(
            IllegalArgumentException.class, () -> with.apply(trainer().fusedUpdate(true)).run(out));
    for (String word : words) {
      assertTrue(e.getMessage().contains(word), e.getMessage());
    }
    assertTrue(e.getMessage().contains("fused_update"), e.getMessage());
    assertFalse(Files.exists(out.resolve("checkpoints")));
  }

  private static final class Reader implements TrainingCallback {
    @Override
    public boolean readsGradients() {
      return true;
    }
  }

  @Test
  void theFirstGradientThatIsNotFiniteEndsTheRunBeforeAFileIsWritten() throws IOException {
    Path out = folder.resolve("out");
    var e =
        assertThrows(
            TrainingException.class,
            () -> trainer().fusedUpdate(true).learningRate(1e30).saveEvery(1).run(out));
    assertTrue(e.getMessage().startsWith("step 2: the "), e.getMessage());
    assertFalse(Files.exists(out.resolve("checkpoints/step-2")));
    assertFalse(Files.exists(out.resolve("last")));
  }
}
