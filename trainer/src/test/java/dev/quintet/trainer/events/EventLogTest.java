package dev.quintet.trainer.events;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.trainer.TinyText;
import dev.quintet.trainer.loop.Evaluated;
import dev.quintet.trainer.loop.OtherRunException;
import dev.quintet.trainer.loop.Trainer;
import dev.quintet.trainer.loop.TrainingListener.StepReport;
import dev.quintet.trainer.loop.TrainingStart;
import dev.quintet.trainer.metric.NameMetric;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EventLogTest {
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  @TempDir private Path out;

  @Test
  void eventsReachTheFileOnceASecondBeforeACheckpointAndAtTheEnd() throws IOException {
    var now = new AtomicReference<>(START);
    var log = new EventLog(out, now::get);
    log.started(new TrainingStart(0, 10, 10, List.of()));
    log.stepped(report(1));
    assertEquals(0, Files.size(files().getFirst()));
    now.set(START.plusMillis(1100));
    log.stepped(report(2));
    assertEquals(3, records(files().getFirst()).size());
    log.evaluated(new Evaluated(2, 1.5, new TreeMap<>(), "loss", true));
    assertEquals(3, records(files().getFirst()).size());
    log.saving(2);
    assertEquals(4, records(files().getFirst()).size());
    log.stepped(report(3));
    log.close();
    assertEquals(5, records(files().getFirst()).size());
  }

  @Test
  void aRunThatGoesOnBeginsANewFileThatIsLastByNameAndSaysFromWhichStep() throws IOException {
    for (long step : new long[] {0, 7, 0}) {
      var log = new EventLog(out, () -> START).settings(Map.of("seed", 1));
      log.started(new TrainingStart(step, 10, 10, List.of()));
      log.close();
    }
    List<Path> files = files();
    assertEquals(3, files.size());
    List<byte[]> resumed = records(files.get(1));
    assertEquals(2, resumed.size());
    assertArrayEquals(Event.sessionStart(seconds(), 8).data(), resumed.get(1));
    List<byte[]> begunAnew = records(files.get(2));
    assertEquals(4, begunAnew.size());
    assertArrayEquals(Event.sessionStart(seconds(), 0).data(), begunAnew.get(1));
  }

  @Test
  void aTrainersRunIsWrittenWithTheSpreadOfItsWeights() throws IOException {
    try (var text = TinyText.model(0, 1)) {
      Trainer trainer =
          Trainer.of(text)
              .data(TinyText.pairs(16, 1), TinyText.pairs(4, 2))
              .steps(3)
              .listener(
                  new EventLog(out)
                      .settings(Map.of("learning_rate", 3e-4))
                      .weights(text.model().parameters()));
      trainer.run(out);
      String all = new String(Files.readAllBytes(files().getFirst()), StandardCharsets.ISO_8859_1);
      for (String tag :
          List.of(
              "train/loss",
              "train/rate",
              "train/gradient_norm",
              "train/tokens_per_second",
              "memory/peak_bytes",
              "eval/loss",
              "weights/shared.weight",
              "_hparams_/session_end_info")) {
        assertTrue(all.contains(tag), tag);
      }
      trainer.resume().run(out);
      assertEquals(2, files().size());
    }
  }

  @Test
  void answersOfEachEvaluationAreWrittenAsText() throws IOException {
    try (var text = TinyText.model(0, 1)) {
      Trainer.of(text)
          .data(TinyText.pairs(16, 1), TinyText.pairs(4, 2))
          .metrics(new NameMetric())
          .steps(2)
          .evaluateEvery(1)
          .listener(new EventLog(out))
          .run(out);
    }
    String all = new String(Files.readAllBytes(files().getFirst()), StandardCharsets.ISO_8859_1);
    assertEquals(3, all.split("examples/text_summary", -1).length - 1, "at 0, 1 and 2");
    assertTrue(all.contains("| source | right | answer |\n|---|---|---|\n| "), all);
  }

  @Test
  void aFolderOfEventsThatTheRunDidNotMakeIsLeftAlone() throws IOException {
    Path file = Files.createDirectory(out.resolve("events")).resolve("mine");
    Files.writeString(file, "mine");
    try (var text = TinyText.model(0, 1)) {
      Trainer trainer =
          Trainer.of(text)
              .data(TinyText.pairs(8, 1), TinyText.pairs(4, 2))
              .steps(1)
              .listener(new EventLog(out));
      var e = assertThrows(OtherRunException.class, () -> trainer.run(out));
      assertTrue(e.getMessage().contains("events"), e.getMessage());
      assertEquals("mine", Files.readString(file));
    }
  }

  @Test
  void aHistogramCountsWhatIsFiniteAndEndsAtTheGreatest() {
    Histogram histogram = Histogram.of(1, 2, 2, 5, Float.NaN, Float.POSITIVE_INFINITY);
    assertEquals(4, histogram.count());
    assertEquals(4, Arrays.stream(histogram.counts()).sum());
    assertEquals(5, histogram.edges()[histogram.edges().length - 1]);
    assertEquals(34, histogram.sumOfSquares());
    assertEquals(1, Histogram.of(3, 3).counts().length);
    assertEquals(0, Histogram.of().count());
  }

  private static StepReport report(long step) {
    return new StepReport(step, 10, 2.5, 1e-3, 1, 100, 40, 1_000_000);
  }

  private static double seconds() {
    return START.getEpochSecond();
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> files = Files.list(out.resolve("events"))) {
      return files.sorted().toList();
    }
  }

  /// The events of a file, whose checksums have to be right.
  private static List<byte[]> records(Path file) throws IOException {
    var buffer = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    var records = new ArrayList<byte[]>();
    while (buffer.hasRemaining()) {
      byte[] length = new byte[8];
      buffer.get(length);
      assertEquals(Event.maskedChecksum(length), buffer.getInt());
      byte[] data =
          new byte[(int) ByteBuffer.wrap(length).order(ByteOrder.LITTLE_ENDIAN).getLong()];
      buffer.get(data);
      assertEquals(Event.maskedChecksum(data), buffer.getInt());
      records.add(data);
    }
    return records;
  }
}
