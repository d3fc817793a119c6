package dev.quintet.trainer.loop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.core.cpu.CpuBackend;
import dev.quintet.core.io.AtomicDirectory;
import dev.quintet.core.io.SafetensorsFile;
import dev.quintet.core.nn.Module;
import dev.quintet.core.nn.Pass;
import dev.quintet.core.tensor.Parameter;
import dev.quintet.core.tensor.Tensor;
import dev.quintet.models.text.TextToText;
import dev.quintet.trainer.TinyText;
import dev.quintet.trainer.data.Batch;
import dev.quintet.trainer.data.Examples;
import dev.quintet.trainer.optim.Adafactor;
import dev.quintet.trainer.optim.Optimizer;
import dev.quintet.trainer.optim.UpdateRule;
import dev.quintet.trainer.schedule.Freezing;
import dev.quintet.trainer.schedule.LearningRate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.LongPredicate;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("deferred")
class TrainingLoopTest {
  private static final long STEPS = 12;
  private static final float DROPOUT = 0.1f;

  @TempDir Path folder;

  @Test
  void aRunThatIsStoppedAndResumedEqualsOneLeftAlone() throws IOException {
    Map<String, Integer> alone = undisturbed("alone", p -> p);
    for (long stop = 1; stop < STEPS; stop += 3) {
      Path out = folder.resolve("stopped-" + stop);
      TrainingResult first = run(out, p -> p, stop);
      assertTrue(first.stopped());
      assertEquals(stop, first.steps());
      TrainingResult second = run(out, p -> p, Long.MAX_VALUE);
      assertFalse(second.stopped());
      assertEquals(STEPS - stop, second.stepsHere());
      assertEquals(last(alone), last(TinyText.bytes(out)), "stopped after step " + stop);
    }
  }

  @Test
  void aRunWhoseLengthIsPlannedOnTheWayEqualsOneThatIsStoppedInBetween() throws IOException {
    // the plan says 12; after 4 steps it becomes 9
    Horizon horizon = (step, planned) -> step < 4 ? planned : 9;
    Path alone = folder.resolve("alone");
    assertEquals(9, run(alone, p -> p, Long.MAX_VALUE, horizon).steps());
    for (long stop : List.of(2L, 6L)) {
      Path out = folder.resolve("stopped-" + stop);
      assertEquals(stop, run(out, p -> p, stop, horizon).steps());
      assertEquals(9, run(out, p -> p, Long.MAX_VALUE, horizon).steps());
      assertEquals(nine(alone), nine(out), "stopped after step " + stop);
    }
  }

  private static Map<String, Integer> nine(Path out) throws IOException {
    var files = new TreeMap<>(TinyText.bytes(out));
    files.keySet().removeIf(name -> !name.startsWith("checkpoints/step-9/"));
    assertFalse(files.isEmpty());
    return files;
  }

  @Test
  void theNumberOfThreadsChangesNoBit() throws IOException {
    int before = CpuBackend.threads();
    try {
      CpuBackend.threads(1);
      Map<String, Integer> one = undisturbed("one", p -> p);
      CpuBackend.threads(2);
      assertEquals(one, undisturbed("two", p -> p));
      CpuBackend.threads(5);
      assertEquals(one, undisturbed("five", p -> p));
    } finally {
      CpuBackend.threads(before);
    }
  }

  @Test
  void aResumedRunWithMoreThreadsEqualsOneLeftAlone() throws IOException {
    Map<String, Integer> alone = undisturbed("alone", p -> p);
    int before = CpuBackend.threads();
    try {
      CpuBackend.threads(1);
      run(folder.resolve("out"), p -> p, 5);
      CpuBackend.threads(2);
      run(folder.resolve("out"), p -> p, Long.MAX_VALUE);
    } finally {
      CpuBackend.threads(before);
    }
    assertEquals(last(alone), last(TinyText.bytes(folder.resolve("out"))));
  }

  @Test
  void withAdafactorTooAResumedRunEqualsOneLeftAlone() throws IOException {
    UnaryOperator<TrainingPlan> adafactor =
        p -> p.withUpdate(p.update(), Adafactor.Options.GIVEN_RATE.withBeta1(0.5), 1);
    Map<String, Integer> alone = undisturbed("alone", adafactor);
    int before = CpuBackend.threads();
    try {
      CpuBackend.threads(1);
      run(folder.resolve("out"), adafactor, 5);
      CpuBackend.threads(3);
      run(folder.resolve("out"), adafactor, Long.MAX_VALUE);
    } finally {
      CpuBackend.threads(before);
    }
    assertEquals(last(alone), last(TinyText.bytes(folder.resolve("out"))));
    assertThrows(OtherRunException.class, () -> run(folder.resolve("out"), p -> p, Long.MAX_VALUE));
  }

  /// Its constants are a record, so that a resumed run sees that they are the same.
  private record Momentum(double share) implements Optimizer.Options {
    @Override
    public Optimizer create() {
      var moments = new TreeMap<String, Parameter>();
      return new Optimizer() {
        @Override
        public void update(String name, Parameter parameter, Tensor gradient, Step step) {
          Parameter moment = moments.computeIfAbsent(name, n -> zeros(parameter));
          moment.set(moment.multiply((float) share).add(gradient));
          parameter.set(parameter.subtract(moment.multiply((float) step.rate())));
        }

        private Parameter zeros(Parameter like) {
          return Parameter.full(like.shape(), 0, like.device());
        }

        @Override
        public Map<String, Parameter> state() {
          var state = new TreeMap<String, Parameter>();
          moments.forEach((name, moment) -> state.put(name + ".moment", moment));
          return state;
        }

        @Override
        public void restore(String name, Parameter parameter) {
          moments.put(name, zeros(parameter));
        }

        @Override
        public void close() {
          moments.values().forEach(Parameter::close);
        }
      };
    }
  }

  @Test
  void anOptimizerOfOnesOwnTrainsAndARunWithItEqualsOneLeftAlone() throws IOException {
    UnaryOperator<TrainingPlan> own = p -> p.withUpdate(UpdateRule.decay(0), new Momentum(0.5), 1);
    Map<String, Integer> alone = undisturbed("alone", own);
    Path out = folder.resolve("out");
    run(out, own, 5);
    TrainingResult result = run(out, own, Long.MAX_VALUE);
    assertEquals(last(alone), last(TinyText.bytes(out)));
    assertTrue(result.validation().getLast().loss() < result.validation().getFirst().loss());
    Map<String, Integer> updates =
        StateJson.read(out.resolve("checkpoints/step-12/state.json")).updates();
    assertEquals(12, updates.get("shared.weight"));
    UnaryOperator<TrainingPlan> other =
        p -> p.withUpdate(UpdateRule.decay(0), new Momentum(0.6), 1);
    assertThrows(OtherRunException.class, () -> run(out, other, Long.MAX_VALUE));
  }

  @Test
  void anOptimizerOfOnesOwnIsNotAskedInAStepThatIsNotFinite() {
    var asked = new AtomicLong();
    Optimizer.Options counting = () -> (name, parameter, gradient, step) -> asked.incrementAndGet();
    try (TextToText text = TinyText.model(0, 1)) {
      var broken = new Spy(text, () -> {}, step -> step != 2);
      TrainingPlan plan = plan(text).withUpdate(UpdateRule.decay(0), counting, 1);
      loop(text, broken, plan.withEvery(2, 2), folder, () -> asked.get() > 0).run(false);
      assertEquals(text.model().parameters().size(), asked.get());
    }
  }

  @Test
  void theLastTwoCheckpointsAreKeptAndProvedWhole() {
    Path out = folder.resolve("out");
    run(out, p -> p.withEvery(3, 6), Long.MAX_VALUE);
    List<Path> kept = AtomicDirectory.numbered(out.resolve("checkpoints"), "step-");
    assertEquals(
        List.of("step-9", "step-12"), kept.stream().map(p -> p.getFileName().toString()).toList());
    kept.forEach(AtomicDirectory::verify);
    AtomicDirectory.verify(out.resolve("best"));
  }

  @Test
  void aDamagedCheckpointIsPassedOver() throws IOException {
    Map<String, Integer> alone = undisturbed("alone", p -> p);
    Path out = folder.resolve("out");
    run(out, p -> p, 9);
    Path newest = AtomicDirectory.numbered(out.resolve("checkpoints"), "step-").getLast();
    assertEquals("step-9", newest.getFileName().toString());
    byte[] bytes = Files.readAllBytes(newest.resolve("optimizer.safetensors"));
    bytes[bytes.length - 1] ^= 1;
    Files.write(newest.resolve("optimizer.safetensors"), bytes);
    TrainingResult resumed = run(out, p -> p, Long.MAX_VALUE);
    assertEquals(STEPS - 8, resumed.stepsHere());
    assertEquals(last(alone), last(TinyText.bytes(out)));
  }

  @Test
  void otherSettingsAreRefused() {
    Path out = folder.resolve("out");
    run(out, p -> p, 5);
    List<UnaryOperator<TrainingPlan>> others =
        List.of(
            p -> p.withPoolBatches(7),
            p -> p.withAccumulation(4, 2),
            p -> p.withFreezing(Freezing.of("encoder.*")),
            p -> p.withEvery(p.saveEvery(), 5),
            p -> p.withUpdate(p.update(), p.optimizer(), 0.5));
    for (var other : others) {
      assertThrows(OtherRunException.class, () -> run(out, other, Long.MAX_VALUE));
    }
    // how often it saves is no setting of the result
    assertEquals(STEPS, run(out, p -> p.withEvery(5, p.evaluateEvery()), Long.MAX_VALUE).steps());
  }

  @Test
  void otherSeedsGiveOtherBits() throws IOException {
    Map<String, Integer> one = undisturbed("one", p -> p);
    assertNotEquals(one, undisturbed("two", p -> p.withPoolBatches(1)));
  }

  @Test
  void whatIsFrozenHoldsNoGradientNoMomentsAndKeepsItsBits() {
    Path out = folder.resolve("out");
    try (TextToText text = TinyText.model(DROPOUT, 1)) {
      Map<String, float[]> before = values(text);
      var gradients = new ArrayList<String>();
      var spy =
          new Spy(
              text,
              () ->
                  text.model()
                      .parameters()
                      .forEach((name, parameter) -> {
                        if (parameter.hasGradient()) {
                          gradients.add(name);
                        }
                      }));
      // at the second forward of a step there are the gradients of the first
      TrainingPlan plan =
          plan(text).withAccumulation(4, 2).withFreezing(Freezing.allBut("decoder.block.1.*"));
      TrainingResult result = loop(text, spy, plan, out, () -> false).run(false);
      assertFalse(gradients.isEmpty());
      assertTrue(gradients.stream().allMatch(name -> name.startsWith("decoder.block.1.")));
      long trained =
          text.model().parameters().entrySet().stream()
              .filter(e -> e.getKey().startsWith("decoder.block.1."))
              .mapToLong(e -> e.getValue().elements())
              .sum();
      assertEquals(8 * trained, result.optimizerBytes());
      values(text)
          .forEach((name, after) -> {
            boolean same = Arrays.equals(before.get(name), after);
            assertEquals(!name.startsWith("decoder.block.1."), same, name);
          });
    }
    try (var moments =
        SafetensorsFile.open(out.resolve("checkpoints/step-12/optimizer.safetensors"))) {
      assertTrue(moments.names().stream().allMatch(name -> name.startsWith("decoder.block.1.")));
    }
  }

  @Test
  void whatThawsStartsItsOwnCount() throws IOException {
    var freezing =
        new Freezing(List.of("encoder.*"), new TreeMap<>(Map.of(4L, List.of("encoder.block.1.*"))));
    Path out = folder.resolve("out");
    run(out, p -> p.withFreezing(freezing), 3);
    run(out, p -> p.withFreezing(freezing), 6);
    run(out, p -> p.withFreezing(freezing), Long.MAX_VALUE);
    Map<String, Integer> updates =
        StateJson.read(out.resolve("checkpoints/step-12/state.json")).updates();
    assertEquals(12, updates.get("shared.weight"));
    assertEquals(8, updates.get("encoder.block.1.layer.0.SelfAttention.q.weight"));
    assertFalse(updates.containsKey("encoder.block.0.layer.0.SelfAttention.q.weight"));
    Map<String, Integer> alone = undisturbed("alone", p -> p.withFreezing(freezing));
    assertEquals(last(alone), last(TinyText.bytes(out)));
  }

  @Test
  void theStartListsWhatTrains() {
    var started = new ArrayList<TrainingStart>();
    TrainingListener listener =
        new TrainingListener() {
          @Override
          public void started(TrainingStart start) {
            started.add(start);
          }
        };
    try (TextToText text = TinyText.model(0, 1)) {
      TrainingPlan plan = plan(text).withFreezing(Freezing.allBut("decoder.block.1.*"));
      Examples train = examples(text, 20);
      new TrainingLoop(
              new T5Learner(text),
              plan,
              train,
              Examples.of(List.of()),
              RunFolders.in(folder),
              List.of(listener),
              () -> true)
          .run(false);
      String table = started.getFirst().table();
      assertTrue(table.lines().anyMatch(l -> l.matches("shared +- +8,192")), table);
      assertTrue(table.lines().anyMatch(l -> l.matches("decoder.block.1 +[\\d,]+ +-")), table);
      assertEquals(
          text.model().parameterCount(),
          started.getFirst().trainable() + started.getFirst().frozen());
    }
  }

  @Test
  void stepsThatAreNotFiniteAreSkippedAndTenInARowEndTheRun() {
    Path out = folder.resolve("out");
    try (TextToText text = TinyText.model(0, 1)) {
      Map<String, float[]> before = values(text);
      var broken = new Spy(text, () -> {}, step -> true);
      TrainingLoop loop = loop(text, broken, plan(text), out, () -> false);
      var e = assertThrows(TrainingException.class, () -> loop.run(false));
      assertTrue(e.getMessage().contains("10 steps in a row"), e.getMessage());
      assertTrue(e.getMessage().contains("learning rate"), e.getMessage());
      values(text)
          .forEach((name, after) -> assertTrue(Arrays.equals(before.get(name), after), name));
    }
  }

  @Test
  void aBadStretchLeavesACheckpointFromBeforeItAndItsCheckpointsCanBeRead() {
    Path out = folder.resolve("out");
    try (TextToText text = TinyText.model(0, 1)) {
      var broken = new Spy(text, () -> {}, step -> step >= 2);
      TrainingPlan plan = plan(text).withEvery(1, 3);
      TrainingLoop loop = loop(text, broken, plan, out, () -> false);
      var e = assertThrows(TrainingException.class, () -> loop.run(false));
      assertTrue(e.getMessage().contains("checkpoints/step-2"), e.getMessage());
    }
    List<Path> kept = AtomicDirectory.numbered(out.resolve("checkpoints"), "step-");
    assertEquals(
        List.of("step-1", "step-2", "step-3", "step-10", "step-11"), // step 3 was the best
        kept.stream().map(p -> p.getFileName().toString()).toList());
    kept.forEach(checkpoint -> assertTrue(CheckpointStore.state(checkpoint).step() > 0));
  }

  @Test
  void aRunInWhichNoStepChangedAnythingFails() {
    try (TextToText text = TinyText.model(0, 1)) {
      var broken = new Spy(text, () -> {}, step -> true);
      var rate = new LearningRate(LearningRate.Shape.LINEAR, 0.01, 2, 0);
      TrainingPlan plan = TrainingPlan.of(3, 8, rate, 5).withPad(text.model().config().padId());
      TrainingLoop loop = loop(text, broken, plan, folder, () -> false);
      var e = assertThrows(TrainingException.class, () -> loop.run(false));
      assertTrue(e.getMessage().contains("none of the 3 steps changed"), e.getMessage());
    }
  }

  @Test
  void anEvaluationThatIsNotFiniteIsNeverBestAndTheRunGoesOnAfterIt() {
    Path out = folder.resolve("out");
    for (boolean resume : new boolean[] {false, true}) {
      try (TextToText text = TinyText.model(0, 1)) {
        var evaluations = new AtomicLong();
        Learner blind =
            new Spy(text, () -> {}) {
              @Override
              double factor(Pass pass) {
                // two batches an evaluation; only the third evaluation is finite
                return pass.training() || (evaluations.getAndIncrement() / 2 == 2) ? 1 : Double.NaN;
              }
            };
        TrainingResult result =
            loop(text, blind, plan(text).withEvery(4, 2), out, () -> !resume).run(resume);
        if (resume) {
          assertTrue(Double.isNaN(result.validation().getFirst().loss()));
          assertTrue(Double.isNaN(result.validation().getLast().loss()));
          assertTrue(result.bestStep() > 0, result.toString());
        } else {
          assertEquals(-1, result.bestStep());
          assertFalse(Files.exists(out.resolve("best")));
        }
      }
    }
    AtomicDirectory.verify(out.resolve("best"));
  }

  @Test
  void withoutAWholeCheckpointAmongThoseThereTheRunDoesNotBeginAnew() throws IOException {
    Path out = folder.resolve("out");
    run(out, p -> p, 9);
    for (Path path : AtomicDirectory.numbered(out.resolve("checkpoints"), "step-")) {
      Files.writeString(path.resolve("state.json"), "{}");
    }
    Map<String, Integer> before = TinyText.bytes(out);
    var e = assertThrows(OtherRunException.class, () -> run(out, p -> p, Long.MAX_VALUE));
    assertTrue(e.getMessage().contains("none of the 2 checkpoints"), e.getMessage());
    assertEquals(before, TinyText.bytes(out));
  }

  @Test
  void oneStepThatIsNotFiniteIsForgotten() {
    try (TextToText text = TinyText.model(0, 1)) {
      var hiccup = new Spy(text, () -> {}, step -> step == 3);
      TrainingResult result = loop(text, hiccup, plan(text), folder, () -> false).run(false);
      assertEquals(STEPS, result.steps());
      assertEquals(1, result.skippedHere());
      for (float[] values : values(text).values()) {
        for (float value : values) {
          assertTrue(Float.isFinite(value));
        }
      }
      Map<String, Integer> updates =
          StateJson.read(folder.resolve("checkpoints/step-12/state.json")).updates();
      assertEquals(STEPS - 1, updates.get("shared.weight").longValue());
    }
  }

  @Test
  void theBestModelIsThatOfTheLowestValidationLoss() {
    try (TextToText text = TinyText.model(0, 1)) {
      TrainingResult result =
          loop(text, new T5Learner(text), plan(text).withEvery(100, 2), folder, () -> false)
              .run(false);
      assertEquals(7, result.validation().size());
      double lowest =
          result.validation().stream()
              .mapToDouble(TrainingResult.Validation::loss)
              .min()
              .orElseThrow();
      var best =
          result.validation().stream()
              .filter(v -> v.step() == result.bestStep())
              .findFirst()
              .orElseThrow();
      assertEquals(lowest, best.loss());
      assertTrue(lowest < result.validation().getFirst().loss());
    }
    try (TextToText kept = TextToText.load(folder.resolve("best"))) {
      assertEquals(TinyText.config(0).vocabSize(), kept.model().config().vocabSize());
    }
  }

  // ---- runs ----

  private Map<String, Integer> undisturbed(String name, UnaryOperator<TrainingPlan> change)
      throws IOException {
    Path out = folder.resolve(name);
    run(out, change, Long.MAX_VALUE);
    return TinyText.bytes(out);
  }

  private static TrainingResult run(Path out, UnaryOperator<TrainingPlan> change, long stopAfter) {
    return run(out, change, stopAfter, (step, planned) -> planned);
  }

  private static TrainingResult run(
      Path out, UnaryOperator<TrainingPlan> change, long stopAfter, Horizon horizon) {
    try (TextToText text = TinyText.model(DROPOUT, 1)) {
      var steps = new AtomicLong();
      boolean resumed = TrainingLoop.hasCheckpoint(RunFolders.in(out));
      if (resumed) {
        Path newest = AtomicDirectory.newest(out.resolve("checkpoints"), "step-").orElseThrow();
        steps.set(CheckpointStore.state(newest).step());
      }
      return loop(
              text,
              new T5Learner(text),
              change.apply(plan(text)),
              out,
              () -> steps.incrementAndGet() >= stopAfter)
          .horizon(horizon)
          .run(true);
    }
  }

  private static TrainingLoop loop(
      TextToText text, Learner learner, TrainingPlan plan, Path out, BooleanSupplier stop) {
    return new TrainingLoop(
        learner, plan, examples(text, 50), examples(text, 12), RunFolders.in(out), List.of(), stop);
  }

  private static TrainingPlan plan(TextToText text) {
    var rate = new LearningRate(LearningRate.Shape.LINEAR, 0.01, 2, 0);
    return TrainingPlan.of(STEPS, 8, rate, 5)
        .withPoolBatches(2)
        .withPad(text.model().config().padId())
        .withEvery(4, 4);
  }

  private static Examples examples(TextToText text, int count) {
    return Examples.of(TinyText.pairs(count, count).encode(text.tokenizer(), 32, 32, 1));
  }

  /// The last checkpoint and the best model: earlier checkpoints depend on when the run was stopped.
  private static Map<String, Integer> last(Map<String, Integer> files) {
    var last = new TreeMap<>(files);
    last.keySet().removeIf(name -> !name.startsWith("best/") && !name.contains("step-" + STEPS));
    assertTrue(last.size() >= 10, last.keySet().toString());
    return last;
  }

  private static Map<String, float[]> values(TextToText text) {
    var values = new TreeMap<String, float[]>();
    text.model().parameters().forEach((name, parameter) -> values.put(name, parameter.toFloats()));
    return values;
  }

  /// A learner that looks at the model at each forward, and can spoil losses.
  private static class Spy implements Learner {
    private final T5Learner learner;
    private final Runnable look;
    private final LongPredicate spoilt;

    Spy(TextToText text, Runnable look) {
      this(text, look, step -> false);
    }

    Spy(TextToText text, Runnable look, LongPredicate spoilt) {
      this.learner = new T5Learner(text);
      this.look = look;
      this.spoilt = spoilt;
    }

    @Override
    public Module module() {
      return learner.module();
    }

    @Override
    public Tensor loss(Batch batch, Pass pass, double normalizer) {
      Tensor loss = learner.loss(batch, pass, normalizer);
      look.run();
      return loss.multiply((float) factor(pass));
    }

    double factor(Pass pass) {
      return pass.training() && spoilt.test(pass.step()) ? Double.NaN : 1;
    }

    @Override
    public void save(Path target) {
      learner.save(target);
    }
  }
}
