package dev.quintet.trainer.loop;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.core.io.AtomicDirectory;
import dev.quintet.core.shape.DType;
import dev.quintet.core.shape.Device;
import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.Parameter;
import dev.quintet.trainer.loop.TrainingResult.Validation;
import dev.quintet.trainer.optim.AdamW;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CheckpointStoreTest {
  @TempDir Path folder;

  /// 2^20 elements is where files begin to be converted by several threads.
  @ParameterizedTest
  @ValueSource(ints = {16_383, 16_384, 16_385, 17_000})
  void aTableComesBackBitForBitOnBothSidesOfTheSizeAtWhichThreadsShareTheWork(int rows) {
    var store = new CheckpointStore(folder, "f", 2);
    Shape shape = Shape.of(rows, 64);
    try (Parameter written = Parameter.normal(shape, 1, 5, Device.cpu());
        Parameter read = Parameter.full(shape, 0, Device.cpu());
        var before = AdamW.Options.DEFAULT.create();
        var after = AdamW.Options.DEFAULT.create()) {
      before.restore("table", written);
      before.state().values().forEach(moment -> moment.set(written.toFloats()));
      store.write(Map.of("table", written), before, state(4, Map.of("table", 3)));
      TrainingState state = store.read(store.newest().orElseThrow(), Map.of("table", read), after);
      assertEquals(4, state.step());
      assertArrayEquals(written.toFloats(), read.toFloats());
      assertEquals(before.state().keySet(), after.state().keySet());
      after.state().values().forEach(m -> assertArrayEquals(written.toFloats(), m.toFloats()));
    }
  }

  @Test
  void aBfloat16ParameterComesBackWithItsMaster() {
    var store = new CheckpointStore(folder, "f", 2);
    Shape shape = Shape.of(3, 5);
    try (Parameter written = Parameter.empty(shape, DType.BF16, Device.cpu());
        Parameter master = Parameter.normal(shape, 1, 5, Device.cpu());
        Parameter read = Parameter.empty(shape, DType.BF16, Device.cpu());
        var before = AdamW.Options.DEFAULT.create();
        var after = AdamW.Options.DEFAULT.create()) {
      written.set(master);
      before.restore("w", written);
      before.state().values().forEach(one -> one.set(master));
      store.write(Map.of("w", written), before, state(4, Map.of("w", 3)));
      store.read(store.newest().orElseThrow(), Map.of("w", read), after);
      assertArrayEquals(written.toFloats(), read.toFloats());
      assertTrue(after.state().containsKey("w.master"));
      after.state().values().forEach(m -> assertArrayEquals(master.toFloats(), m.toFloats()));
      assertTrue(CheckpointStore.newestHolds(folder, Map.of("w", read)));
      read.set(new float[15]);
      assertFalse(CheckpointStore.newestHolds(folder, Map.of("w", read)));
    }
  }

  @Test
  void lossesThatAreNotFiniteComeBack() throws IOException {
    var losses =
        List.of(
            new Validation(0, 1.5),
            new Validation(1, Double.NaN),
            new Validation(2, Double.POSITIVE_INFINITY),
            new Validation(3, Double.NEGATIVE_INFINITY));
    var state = new TrainingState(3, 7, "f", "cpu", new TreeMap<>(), 2, losses, 0, new TreeMap<>());
    Path file = Files.writeString(folder.resolve("state.json"), StateJson.write(state));
    assertEquals(state, StateJson.read(file));
    Files.writeString(file, StateJson.write(state).replace("\"NaN\"", "\"none\""));
    var e = assertThrows(OtherRunException.class, () -> StateJson.read(file));
    assertTrue(e.getMessage().contains("\"loss\" must be a number, not \"none\""), e.getMessage());
  }

  @Test
  void theLastTwoFromBeforeABadStretchAreKept() {
    for (int step = 1; step <= 4; step++) {
      write("f", step, 0, 2.0);
    }
    assertEquals(List.of("step-3", "step-4"), names());
    for (int step = 5; step <= 8; step++) {
      write("f", step, step - 4, 2.0);
    }
    assertEquals(List.of("step-3", "step-4", "step-7", "step-8"), names());
    write("f", 9, 0, Double.NaN);
    assertEquals(List.of("step-3", "step-4", "step-8", "step-9"), names());
    write("f", 10, 0, 2.0);
    assertEquals(List.of("step-4", "step-9", "step-10"), names());
    write("f", 11, 0, 2.0);
    assertEquals(List.of("step-10", "step-11"), names());
  }

  @Test
  void onlyWholeCheckpointsOfThisRunCountAndNothingElseIsRemoved() throws IOException {
    write("other", 99_999, 0, 2.0);
    Files.createDirectory(folder.resolve("step-5000"));
    Files.createDirectory(folder.resolve("step-77"));
    Files.writeString(folder.resolve("step-77").resolve("notes.txt"), "mine");
    for (int step = 1; step <= 4; step++) {
      write("f", step, 0, 2.0);
    }
    List<String> passedOver = List.of("step-77", "step-5000", "step-99999");
    assertEquals(
        Stream.concat(Stream.of("step-3", "step-4"), passedOver.stream()).toList(), names());
    assertEquals(
        Optional.of(folder.resolve("step-4")), new CheckpointStore(folder, "f", 2).newest());
    Files.writeString(folder.resolve("step-4").resolve("state.json"), "{}");
    assertEquals(
        Optional.of(folder.resolve("step-3")), new CheckpointStore(folder, "f", 2).newest());
    Files.delete(folder.resolve("step-3").resolve("manifest.json"));
    var store = new CheckpointStore(folder, "f", 2);
    var e = assertThrows(OtherRunException.class, store::newest);
    assertTrue(e.getMessage().contains("none of the 5 checkpoints"), e.getMessage());
    assertTrue(e.getMessage().contains("other settings"), e.getMessage());
    assertTrue(e.getMessage().contains("is damaged"), e.getMessage());
    assertEquals(5, names().size());
  }

  @Test
  void aDamagedCheckpointIsWrittenAnew() throws IOException {
    write("f", 4, 0, 2.0);
    write("f", 8, 0, 2.0);
    Files.delete(folder.resolve("step-8").resolve("state.json"));
    write("f", 8, 0, 2.0);
    assertEquals(List.of("step-4", "step-8"), names());
    AtomicDirectory.verify(folder.resolve("step-8"));
  }

  /// Each time by a store of its own, as if the run had been resumed.
  private void write(String fingerprint, long step, int skipped, double loss) {
    var state =
        new TrainingState(
            step,
            7,
            fingerprint,
            "cpu",
            new TreeMap<>(),
            skipped,
            List.of(new Validation(step, loss)),
            -1,
            new TreeMap<>());
    try (var optimizer = AdamW.Options.DEFAULT.create()) {
      new CheckpointStore(folder, fingerprint, 2).write(Map.of(), optimizer, state);
    }
  }

  private List<String> names() {
    return AtomicDirectory.numbered(folder, "step-").stream()
        .map(path -> String.valueOf(path.getFileName()))
        .toList();
  }

  private static TrainingState state(long step, Map<String, Integer> updates) {
    return new TrainingState(
        step, 7, "f", "cpu", new TreeMap<>(updates), 0, List.of(), -1, new TreeMap<>());
  }
}
