package dev.quintet.app.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.models.t5.T5Config;
import dev.quintet.trainer.data.BatchPlan;
import dev.quintet.trainer.data.Example;
import dev.quintet.trainer.data.Examples;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PaceTest {
  private static final T5Config CONFIG = T5Config.small();

  @TempDir Path root;

  @Test
  void aCostIsFittedToStepsOfUnequalSize() {
    long seed = Long.getLong("seed", 20263);
    System.out.println("seed " + seed);
    var random = new Random(seed);
    double[] work = new double[400];
    double[] seconds = new double[400];
    for (int i = 0; i < work.length; i++) {
      work[i] = 10 + 90 * random.nextDouble();
      seconds[i] = 0.004 + 0.0002 * work[i] + 0.001 * random.nextGaussian();
    }
    StepCost cost = StepCost.fit(work, seconds);
    assertEquals(0.004, cost.perStep(), 6e-4);
    assertEquals(0.0002, cost.perWork(), 1e-5);
    StepCost flat = StepCost.fit(new double[] {5, 5}, new double[] {1, 3});
    assertEquals(2, flat.seconds(5), 1e-12);
    StepCost falling = StepCost.fit(new double[] {1, 2}, new double[] {3, 1});
    assertEquals(0, falling.perWork(), "more work is never quicker");
  }

  @Test
  void stepsFillTheTimeAndAreRecordedBeforeTheyAct() {
    var folder = new DemoFolder(root);
    var arguments = arguments(10, OptionalLong.empty());
    PlanRecord record = PlanRecord.in(folder, arguments);
    assertEquals(600, record.timed());
    var heard = new ArrayList<PlanRecord.Plan>();
    Pace pace = pace(folder, record, heard);
    long steps = 0;
    for (long step = 0; step < steps || step == 0; step++) {
      steps = pace.steps(step, record.guess());
      if (step == 600) {
        assertEquals(1, heard.size());
        assertEquals(
            steps, PlanRecord.in(folder, arguments).steps(step).orElseThrow(), "written down");
      }
      if (step > 700 && heard.size() == 2) {
        break;
      }
    }
    assertEquals(2, heard.size());
    PlanRecord.Plan second = heard.get(1);
    assertEquals(Math.ceil(0.15 * heard.get(0).steps()), second.from());

    // a resumed run follows both, whatever its own steps would say
    var again = new ArrayList<PlanRecord.Plan>();
    Pace resumed = pace(folder, PlanRecord.in(folder, arguments), again);
    assertEquals(record.guess(), resumed.steps(599, record.guess()));
    assertEquals(heard.get(0).steps(), resumed.steps(600, record.guess()));
    assertEquals(heard.get(0).steps(), resumed.steps(second.from() - 1, record.guess()));
    assertEquals(second.steps(), resumed.steps(second.from(), record.guess()));
    assertEquals(second.steps(), resumed.steps(second.from() + 1, record.guess()));
    assertTrue(again.isEmpty());
  }

  @Test
  void stepsThatWereAskedForAreNeverPlannedAnew() {
    var folder = new DemoFolder(root);
    PlanRecord record = PlanRecord.in(folder, arguments(4, OptionalLong.of(77)));
    var heard = new ArrayList<PlanRecord.Plan>();
    Pace pace = pace(folder, record, heard);
    for (long step = 0; step <= 77; step++) {
      assertEquals(77, pace.steps(step, 77));
    }
    assertTrue(heard.isEmpty());
  }

  @Test
  void theClockCountsPartsOnceAndGoesOnFromACheckpoint() throws InterruptedException {
    var clock = new DemoClock(20);
    assertEquals(20, clock.used());
    Thread.sleep(30); // reading again what is there does not count
    clock.begin(false);
    assertTrue(clock.phase() < 0.02);
    clock.continued(100);
    assertTrue(clock.used() >= 120 && clock.used() < 121);
    double seconds = clock.end();
    assertTrue(seconds >= 100);
    assertEquals(120, clock.used(), 1);
    assertFalse(clock.phase() > 1);
  }

  private Pace pace(DemoFolder folder, PlanRecord record, List<PlanRecord.Plan> heard) {
    var rows = new ArrayList<Example>();
    for (int i = 0; i < 64; i++) {
      rows.add(new Example(new int[3 + i % 11], new int[2]));
    }
    // 10 minutes at less than a millisecond a step
    return new Pace(
        record,
        new DemoClock(DemoReport.secondsDone(folder)),
        new Shares(2, 0, false),
        new BatchPlan(Examples.of(rows), 4, 4, 1),
        CONFIG,
        1_000,
        20,
        (plan, seconds) -> heard.add(plan));
  }

  private static DemoArguments arguments(double minutes, OptionalLong steps) {
    return new DemoArguments(1, minutes, steps, OptionalLong.empty(), Optional.empty(), false);
  }
}
