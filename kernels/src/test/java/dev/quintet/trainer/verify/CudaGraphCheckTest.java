package dev.quintet.trainer.verify;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.quintet.core.io.JsonText;
import dev.quintet.core.io.SafetensorsFile;
import dev.quintet.core.io.SafetensorsType;
import dev.quintet.core.io.SafetensorsWriter;
import dev.quintet.core.io.TensorData;
import dev.quintet.core.shape.DType;
import dev.quintet.core.shape.Device;
import dev.quintet.core.shape.Shape;
import dev.quintet.kernels.testing.StandIn;
import dev.quintet.models.checkpoint.Checkpoint;
import dev.quintet.models.json.JsonObject;
import dev.quintet.models.t5.T5;
import dev.quintet.models.t5.T5Config;
import dev.quintet.models.verify.Comparison;
import dev.quintet.models.verify.Golden;
import dev.quintet.models.verify.Outcome;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Trainings of a toy T5 that the processor has recorded, repeated as graphs.
class CudaGraphCheckTest {
  /// The first is called, the two batches are taken down, and one of them is repeated.
  private static final int STEPS = 4;

  @TempDir Path folder;

  @BeforeEach
  void standInIsThere() throws IOException {
    StandIn.backend();
    record();
  }

  @Test
  void stepsThatAreRepeatedHaveTheRecordedLossesInBothTypes() {
    for (DType type : List.of(DType.F32, DType.BF16)) {
      List<Comparison> rows =
          new GraphCheck(type, 1, STEPS).run(new Golden(folder, Device.cuda(0)));
      assertEquals(1, rows.size(), rows::toString);
      assertEquals(Outcome.PASS, rows.getFirst().outcome(), rows::toString);
      assertEquals(
          "training adamw as a graph, %s: 4 losses".formatted(type == DType.F32 ? "f32" : "bf16"),
          rows.getFirst().quantity());
    }
  }

  @Test
  void aRepeatedStepOfAnotherRateFails() throws IOException {
    Path settings = folder.resolve("training.json");
    Files.writeString(settings, Files.readString(settings).replace("0.003", "0.004"));
    List<Comparison> rows =
        new GraphCheck(DType.F32, 1, STEPS).run(new Golden(folder, Device.cuda(0)));
    assertEquals(List.of(Outcome.FAIL), rows.stream().map(Comparison::outcome).toList());
  }

  private void record() throws IOException {
    T5Config config =
        T5Config.small().withVocabSize(384).withWidths(64, 16, 4, 128).withLayers(1, 1);
    var batches = new LinkedHashMap<String, TensorData>();
    var random = new SplittableRandom(3);
    for (int k = 0; k < 2; k++) {
      int[] ids = random.ints(2 * 6, 3, 384).toArray();
      int[] mask = new int[ids.length];
      Arrays.fill(mask, 1);
      mask[5] = 0;
      int[] labels = random.ints(2 * 4, 3, 384).toArray();
      labels[7] = -100;
      batches.put("batch." + k + ".input_ids", rows(ids));
      batches.put("batch." + k + ".attention_mask", rows(mask));
      batches.put("batch." + k + ".labels", rows(labels));
    }
    SafetensorsWriter.write(folder.resolve("training.safetensors"), batches);
    var settings = new LinkedHashMap<String, Object>();
    settings.put("lr", 0.003);
    settings.put("losses", List.of(1.0, 1.0, 1.0, 1.0));
    JsonObject planned = JsonObject.of(settings);
    try (T5 model = T5.create(config, 1, Device.cpu());
        var file = SafetensorsFile.open(folder.resolve("training.safetensors"))) {
      Checkpoint.save(model, folder);
      var course = Trajectory.of("adamw", planned).run(model, file, Device.cpu());
      settings.put("losses", Arrays.stream(course.losses()).boxed().toList());
    }
    Files.writeString(folder.resolve("training.json"), JsonText.of(Map.of("adamw", settings)));
  }

  private static TensorData rows(int[] values) {
    return new TensorData(
        SafetensorsType.I32, Shape.of(2, values.length / 2), MemorySegment.ofArray(values));
  }
}
