package dev.quintet.trainer.loop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.models.json.JsonObject;
import dev.quintet.models.text.TextToText;
import dev.quintet.trainer.TinyText;
import dev.quintet.trainer.loop.TrainingListener.StepReport;
import dev.quintet.trainer.loop.TrainingResult.End;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TakingPartTest {
  @TempDir Path folder;

  /// Writes down what it hears.
  private static class Diary implements TrainingCallback, TrainingListener {
    private final String name;
    private final List<String> heard;
    private final boolean gradients;

    Diary(String name, List<String> heard, boolean gradients) {
      this.name = name;
      this.heard = heard;
      this.gradients = gradients;
    }

    private void hear(String what) {
      heard.add(name + " " + what);
    }

    @Override
    public boolean readsGradients() {
      return gradients;
    }

    @Override
    public void started(TrainingStart start, TrainingControl control) {
      hear("started");
    }

    @Override
    public void epochStarted(long epoch, TrainingControl control) {
      hear("epochStarted " + epoch);
    }

    @Override
    public void stepStarted(long step, TrainingControl control) {
      hear("stepStarted " + step);
    }

    @Override
    public void partDone(long step, int part, int parts, TrainingControl control) {
      hear("partDone " + part + " of " + parts);
    }

    @Override
    public void gradientsReady(Gradients ready, TrainingControl control) {
      hear("gradientsReady " + ready.step());
    }

    @Override
    public void updated(long step, TrainingControl control) {
      hear("updated " + step);
    }

    @Override
    public void stepped(StepReport report, TrainingControl control) {
      hear("stepped " + report.step());
    }

    @Override
    public void evaluated(Evaluated evaluated, TrainingControl control) {
      hear("evaluated " + evaluated.step());
    }

    @Override
    public void best(Evaluated evaluated, TrainingControl control) {
      hear("best " + evaluated.step());
    }

    @Override
    public void saved(long step, TrainingControl control) {
      hear("saved " + step);
    }

    @Override
    public void epochEnded(long epoch, TrainingControl control) {
      hear("epochEnded " + epoch);
    }

    @Override
    public void finished(TrainingResult result) {
      hear("finished");
    }

    @Override
    public void failed(RuntimeException cause) {
      hear("failed");
    }

    @Override
    public void stepped(StepReport report) {
      hear("listens " + report.step());
    }
  }

  @Test
  void callbacksHearEverythingInOrderAndBeforeListeners() {
    var heard = new ArrayList<String>();
    Trainer trainer =
        trainer(TinyText.model(0, 1))
            .data(TinyText.pairs(8, 1), TinyText.pairs(4, 2))
            .batchSize(4)
            .accumulation(2)
            .steps(1)
            .listener(new Diary("c", heard, false))
            .callback(new Diary("a", heard, true))
            .callback(new Diary("b", heard, false));
    trainer.run(folder.resolve("out"));
    assertEquals(
        List.of("a started", "b started", "a evaluated 0", "b evaluated 0", "a best 0", "b best 0"),
        heard.subList(0, 6));
    List<String> a = heard.stream().filter(one -> one.startsWith("a ")).toList();
    assertEquals(
        List.of(
            "a started",
            "a evaluated 0",
            "a best 0",
            "a epochStarted 0",
            "a stepStarted 1",
            "a partDone 0 of 2",
            "a partDone 1 of 2",
            "a gradientsReady 1",
            "a updated 1",
            "a stepped 1",
            "a evaluated 1",
            "a best 1",
            "a saved 1",
            "a epochEnded 0",
            "a finished"),
        a);
    assertTrue(heard.indexOf("b stepped 1") < heard.indexOf("c listens 1"), heard.toString());
    assertFalse(heard.contains("b gradientsReady 1"));
  }

  @Test
  void readingGradientsChangesNoBit() throws IOException {
    Path plain = folder.resolve("plain");
    Path read = folder.resolve("read");
    trainer(TinyText.model(0.1f, 1)).clip(0.1).run(plain);
    trainer(TinyText.model(0.1f, 1))
        .clip(0.1)
        .callback(new Diary("a", new ArrayList<>(), true))
        .run(read);
    assertEquals(weights(plain), weights(read));
  }

  private static Map<String, Integer> weights(Path out) throws IOException {
    var files = new TreeMap<>(TinyText.bytes(out));
    files.keySet().removeIf(name -> !name.endsWith(".safetensors"));
    assertFalse(files.isEmpty());
    return files;
  }

  @Test
  void aSkippedUpdateLeavesTheModelAndDoesNotCount() {
    TextToText text = TinyText.model(0, 1);
    float[] before = text.model().shared().weight().toFloats();
    var steps = new ArrayList<Long>();
    trainer(text)
        .steps(3)
        .callback(
            new TrainingCallback() {
              @Override
              public boolean readsGradients() {
                return true;
              }

              @Override
              public void gradientsReady(Gradients gradients, TrainingControl control) {
                if (gradients.step() < 3) {
                  control.skipUpdate();
                }
              }

              @Override
              public void stepped(StepReport report, TrainingControl control) {
                boolean same =
                    java.util.Arrays.equals(before, text.model().shared().weight().toFloats());
                if (same) {
                  steps.add(report.step());
                }
                assertThrows(IllegalStateException.class, control::skipUpdate);
              }
            })
        .run(folder.resolve("out"));
    assertEquals(List.of(1L, 2L), steps);
    Path state = folder.resolve("out/checkpoints/step-3/state.json");
    assertEquals(1, StateJson.read(state).updates().get("shared.weight"));
  }

  /// Counts steps, lowers the rate at the fourth, asks for an evaluation and a checkpoint at the fifth, ends after the ninth.
  private static class Counting implements TrainingCallback {
    private long steps;
    private long epochs;
    private long saves;

    @Override
    public String settings() {
      return "counting";
    }

    @Override
    public Map<String, Object> state() {
      return Map.of("steps", steps, "epochs", epochs, "saves", saves);
    }

    @Override
    public void restore(JsonObject state) {
      steps = state.required("steps", JsonObject::whole);
      epochs = state.required("epochs", JsonObject::whole);
      saves = state.required("saves", JsonObject::whole);
    }

    @Override
    public void stepped(StepReport report, TrainingControl control) {
      steps++;
      if (steps == 4) {
        control.rate(0.5);
      }
      if (steps == 5) {
        control.evaluateNow();
        control.saveNow();
      }
      if (steps == 9) {
        control.stop();
      }
    }

    @Override
    public void saved(long step, TrainingControl control) {
      saves++;
    }

    @Override
    public void epochEnded(long epoch, TrainingControl control) {
      epochs++;
    }
  }

  @Test
  void whatACallbackAsksForHappensAndARunThatIsStoppedAnywhereEqualsOneLeftAlone()
      throws IOException {
    Path alone = folder.resolve("alone");
    TrainingResult result = counting(alone, Long.MAX_VALUE);
    assertEquals(End.CALLBACK, result.end());
    assertEquals(9, result.steps());
    assertTrue(result.validation().stream().anyMatch(one -> one.step() == 5));
    JsonObject state =
        JsonObject.read(alone.resolve("checkpoints/step-9/state.json"))
            .object("parts")
            .orElseThrow()
            .object("callback 0 " + Counting.class.getName())
            .orElseThrow();
    assertEquals(0.5, state.number("rate").orElseThrow());
    for (long stop : List.of(4L, 5L)) {
      Path out = folder.resolve("stopped-" + stop);
      assertEquals(End.STOPPED, counting(out, stop).end());
      assertEquals(End.CALLBACK, counting(out, Long.MAX_VALUE).end());
      // how often was saved differs, since stopping saves
      assertEquals(
          TinyText.bytes(alone.resolve("last")), TinyText.bytes(out.resolve("last")), "" + stop);
      assertEquals(0, counting(out, Long.MAX_VALUE).stepsHere());
    }
    var e =
        assertThrows(
            OtherRunException.class, () -> trainer(TinyText.model(0.1f, 1)).resume().run(alone));
    assertTrue(e.getMessage().contains("callbacks"), e.getMessage());
  }

  private static TrainingResult counting(Path out, long stop) {
    var steps = new long[1];
    return trainer(TinyText.model(0.1f, 1))
        .callback(new Counting())
        .listener(
            new TrainingListener() {
              @Override
              public void stepped(StepReport report) {
                steps[0] = report.step();
              }
            })
        .stopWhen(() -> steps[0] == stop)
        .resume()
        .run(out);
  }

  @Test
  void anExceptionInACallbackEndsTheRunWithACheckpointAndOneInAListenerDoesNot() {
    Path out = folder.resolve("out");
    var heard = new ArrayList<String>();
    Trainer trainer =
        trainer(TinyText.model(0, 1))
            .listener(
                new TrainingListener() {
                  @Override
                  public void stepped(StepReport report) {
                    heard.add("listener " + report.step());
                    throw new IllegalStateException("a listener's");
                  }
                })
            .callback(
                new TrainingCallback() {
                  @Override
                  public void stepStarted(long step, TrainingControl control) {
                    if (step == 4) {
                      throw new IllegalStateException("a callback's");
                    }
                  }

                  @Override
                  public void failed(RuntimeException cause) {
                    heard.add("failed " + cause.getMessage());
                  }
                });
    var e = assertThrows(IllegalStateException.class, () -> trainer.run(out));
    assertEquals("a callback's", e.getMessage());
    assertEquals(List.of("listener 1", "failed a callback's"), heard);
    assertTrue(Files.exists(out.resolve("checkpoints/step-3/state.json")));
  }

  @Test
  void aRunEndsAfterEvaluationsWithoutProgressAndGoesOnWithMorePatience() throws IOException {
    Path out = folder.resolve("out");
    // at a rate of 0 nothing ever gets better
    TrainingResult result = still().patience(2).run(out);
    assertEquals(End.NO_PROGRESS, result.end());
    assertEquals(4, result.steps());
    assertEquals(0, result.bestStep());
    assertEquals(0, still().patience(2).resume().run(out).stepsHere());
    assertEquals(2, still().patience(3).resume().run(out).stepsHere());
    assertEquals(4, still().resume().run(out).stepsHere());
    var e = assertThrows(OtherRunException.class, () -> still().minDelta(0.1).resume().run(out));
    assertTrue(e.getMessage().contains("select"), e.getMessage());
  }

  private static Trainer still() {
    return trainer(TinyText.model(0, 1)).learningRate(0).weightDecay(0).evaluateEvery(2);
  }

  @Test
  void aFinishedRunIsExtendedByMoreStepsAndNotShortened() throws IOException {
    Path out = folder.resolve("out");
    assertEquals(10, trainer(TinyText.model(0, 1)).run(out).steps());
    TrainingResult more = trainer(TinyText.model(0, 1)).steps(14).resume().run(out);
    assertEquals(4, more.stepsHere());
    assertEquals(14, more.steps());
    assertEquals(0, trainer(TinyText.model(0, 1)).steps(14).resume().run(out).stepsHere());
    var before = TinyText.bytes(out);
    var e =
        assertThrows(
            OtherRunException.class,
            () -> trainer(TinyText.model(0, 1)).steps(12).resume().run(out));
    assertTrue(e.getMessage().contains("14"), e.getMessage());
    assertEquals(before, TinyText.bytes(out));
  }

  @Test
  void aRunBeginsWithAnothersWeightsAndMomentsAndIsResumedWithThem() throws IOException {
    Path first = folder.resolve("first");
    trainer(TinyText.model(0.1f, 1)).run(first);
    TextToText text = TinyText.model(0.1f, 9);
    trainer(text).learningRate(0).weightDecay(0).warmStart(first, false).run(folder.resolve("w"));
    assertEquals(
        TinyText.bytes(first.resolve("best")).get("model.safetensors"),
        TinyText.bytes(folder.resolve("w/last")).get("model.safetensors"));
    Path alone = folder.resolve("alone");
    Path stopped = folder.resolve("stopped");
    warm(first).run(alone);
    warm(first).stopWhen(() -> true).run(stopped);
    warm(first).resume().run(stopped);
    assertEquals(TinyText.bytes(alone.resolve("last")), TinyText.bytes(stopped.resolve("last")));
    Path cold = folder.resolve("cold");
    trainer(TinyText.model(0.1f, 9)).warmStart(first, false).run(cold);
    assertNotEquals(TinyText.bytes(alone.resolve("last")), TinyText.bytes(cold.resolve("last")));
    var e = assertThrows(OtherRunException.class, () -> warm(folder).run(folder.resolve("none")));
    assertTrue(e.getMessage().contains("has no checkpoint"), e.getMessage());
  }

  private static Trainer warm(Path first) {
    return trainer(TinyText.model(0.1f, 9)).warmStart(first, true);
  }

  private static Trainer trainer(TextToText text) {
    return Trainer.of(text)
        .data(TinyText.pairs(40, 1), TinyText.pairs(9, 2))
        .steps(10)
        .learningRate(0.01)
        .seed(1);
  }
}
