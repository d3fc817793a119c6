package dev.quintet.app.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class ProgressLineTest {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);

  private String printed() {
    return bytes.toString(StandardCharsets.UTF_8);
  }

  @Test
  void linesComeNowAndThenAndAtTheEnd() {
    try (var progress = ProgressLine.lines(out, Duration.ofHours(1), "training", 0, 2000)) {
      for (int step = 1; step <= 2000; step++) {
        progress.update(step, ProgressLine.training(2.3456, 41_234));
      }
    }
    assertEquals(1, printed().lines().count());
    assertTrue(
        printed().startsWith("training  2,000/2,000  100%  loss 2.346  41,234 tokens/s  0:0"),
        printed());
  }

  @Test
  void aLineTellsTheTimeLeft() {
    try (var progress = ProgressLine.lines(out, Duration.ZERO, "parsing", 10, 20)) {
      progress.update(15);
    }
    assertTrue(printed().startsWith("parsing  15/20  75%  0:00 left"), printed());
  }

  @Test
  void theBarShowsTaskCountAndMessage() {
    var bar = new ProgressTerminal(out, "training", 500, 2000);
    bar.update(1500, ProgressLine.training(2.3456, 41_234));
    bar.close();
    String last = printed().substring(printed().lastIndexOf('\r') + 1);
    assertTrue(last.contains("training"), printed());
    assertTrue(last.contains("1500/2000"), printed());
    assertTrue(last.contains("loss 2.346"), printed());
  }

  @Test
  void timesAreReadable() {
    assertEquals("0:07", ProgressLines.clock(7.4));
    assertEquals("12:05", ProgressLines.clock(725));
    assertEquals("2:00:01", ProgressLines.clock(7201));
  }
}
