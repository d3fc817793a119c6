package dev.quintet.trainer.loop;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.quintet.core.shape.Device;
import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.Parameter;
import dev.quintet.trainer.optim.AdamW;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CheckpointStoreTest {
  @TempDir Path folder;

  /// 2^20 elements is where files begin to be converted by several threads.
  @ParameterizedTest
  @ValueSource(ints = {16_383, 16_384, 16_385, 17_000})
  void aTableComesBackBitForBitOnBothSidesOfTheSizeAtWhichThreadsShareTheWork(int rows) {
    var store = new CheckpointStore(folder, "f");
    Shape shape = Shape.of(rows, 64);
    try (Parameter written = Parameter.normal(shape, 1, 5, Device.cpu());
        Parameter read = Parameter.full(shape, 0, Device.cpu());
        var before = AdamW.Options.DEFAULT.create();
        var after = AdamW.Options.DEFAULT.create()) {
      before.restore("table", written, 3);
      before.state().values().forEach(moment -> moment.set(written.toFloats()));
      store.write(Map.of("table", written), before, state(4, Map.of("table", 3)));
      TrainingState state = store.read(store.newest().orElseThrow(), Map.of("table", read), after);
      assertEquals(4, state.step());
      assertArrayEquals(written.toFloats(), read.toFloats());
      assertEquals(before.state().keySet(), after.state().keySet());
      after.state().values().forEach(m -> assertArrayEquals(written.toFloats(), m.toFloats()));
    }
  }

  private static TrainingState state(long step, Map<String, Integer> updates) {
    return new TrainingState(step, 7, "f", "cpu", new TreeMap<>(updates), 0, List.of(), -1);
  }
}
