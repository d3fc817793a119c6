package dev.quintet.models.verify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.core.shape.Device;
import dev.quintet.core.shape.Precision;
import dev.quintet.models.TinyModels;
import dev.quintet.models.checkpoint.Checkpoint;
import dev.quintet.models.checkpoint.CheckpointException;
import dev.quintet.models.checkpoint.Conversion;
import dev.quintet.models.t5.T5;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PrecisionReportTest {
  @TempDir Path temporary;

  @Test
  void countsWhatSmallWeightsChange() {
    Path folder = saved();
    List<int[]> sources = PrecisionReport.madeUp(folder, 250, 3);
    assertEquals(4, sources.size());
    PrecisionReport bf16 = report(folder, Precision.BF16, sources);
    PrecisionReport int8 = report(folder, Precision.INT8, sources);
    for (PrecisionReport each : List.of(bf16, int8)) {
      assertEquals(256, each.tokens());
      assertTrue(each.largest() > 0 && each.mean() > 0 && each.mean() < each.largest());
      assertTrue(each.largest() < each.deviation() / 4, each.text());
      assertTrue(each.changed() <= 26, each.text());
      assertTrue(each.same() < 4 == each.changedFreely() > 0, each.text());
      assertTrue(each.text().contains("256 greedy tokens behind 4 sources"), each.text());
    }
    assertTrue(bf16.mean() < int8.mean());
    assertTrue(int8.bytes() < bf16.bytes() && bf16.bytes() < bf16.floatBytes());
  }

  @Test
  void answersToTextsEndWhereTheModelEndsThem() {
    Path folder = saved();
    PrecisionReport report =
        PrecisionReport.of(
            folder, Device.cpu(), Precision.BF16, List.of(new int[] {5, 6, 1}), false);
    assertTrue(report.tokens() >= 1 && report.tokens() <= PrecisionReport.LENGTH);
  }

  @Test
  void aFolderOfInt8HasNothingToBeComparedWith() {
    Path int8 = temporary.resolve("int8");
    Conversion.run(
        saved(),
        int8,
        new Conversion.Options(
            Optional.empty(), Long.MAX_VALUE, false, Optional.of(Precision.INT8)));
    var e =
        assertThrows(
            CheckpointException.class,
            () -> report(int8, Precision.INT8, List.of(new int[] {5, 1})));
    assertTrue(e.getMessage().contains("int8 and not the float32"), e.getMessage());
  }

  private static PrecisionReport report(Path folder, Precision precision, List<int[]> sources) {
    return PrecisionReport.of(folder, Device.cpu(), precision, sources, true);
  }

  private Path saved() {
    Path folder = temporary.resolve("model");
    try (T5 model = T5.create(TinyModels.v11(70), 4, Device.cpu())) {
      Checkpoint.save(model, folder);
    }
    return folder;
  }
}
