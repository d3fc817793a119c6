package dev.quintet.app.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.core.shape.Device;
import dev.quintet.trainer.loop.MemoryPlan;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class MemoryLineTest {
  private static final MemoryPlan PLAN =
      new MemoryPlan(242_000_000, 30_000_000, 484_000_000, 959_000_000, 242_000_000, 8, 512, 64);

  @Test
  void saysEachPartInMegabytesAndWhatTheProcessTakesBeside() {
    String line = said(Device.cpu(), PLAN);
    for (String part :
        List.of(
            "of 8 x 512/64:",
            "weights 242 MB",
            "gradients 30 MB of 242 MB",
            "moments 484 MB",
            "activations 959 MB",
            "Java and the program ")) {
      assertTrue(line.contains(part), line);
    }
    assertEquals(
        "1,715 MB in all on cuda:0", said(Device.cuda(0), PLAN).replaceAll(".*: (?=1,7)", ""));
  }

  @Test
  void aStepThatCannotBeWalkedIsNoFailureOfTheTraining() {
    var lines = new ArrayList<String>();
    new MemoryLine(Device.cpu(), lines::add)
        .planned(() -> {
          throw new IllegalStateException("no");
        });
    assertEquals(1, lines.size());
    assertTrue(lines.getFirst().contains("there is no plan"), lines.getFirst());
  }

  private static String said(Device device, MemoryPlan plan) {
    var lines = new ArrayList<String>();
    new MemoryLine(device, lines::add).planned(() -> plan);
    assertEquals(1, lines.size());
    return lines.getFirst();
  }
}
