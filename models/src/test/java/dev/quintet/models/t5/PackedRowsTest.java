package dev.quintet.models.t5;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.quintet.core.nn.Pass;
import dev.quintet.core.shape.Device;
import dev.quintet.core.tensor.CrossEntropyOptions;
import dev.quintet.core.tensor.Scope;
import dev.quintet.core.tensor.Tensor;
import dev.quintet.models.TinyModels;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Rows that are computed without their padding.
class PackedRowsTest {
  private static final int[] SOURCES = {20, 3, 17, 1, 9};
  private static final int[] TARGETS = {7, 12, 1, 4, 9};

  private static T5Config config(String variant) {
    return switch (variant) {
      case "v10" -> TinyModels.v10(60);
      case "v11" -> TinyModels.v11(60);
      default -> TinyModels.umt5(60);
    };
  }

  private static int[][] rows(int[] lengths, int filler, long seed) {
    var random = new Random(seed);
    int most = java.util.Arrays.stream(lengths).max().orElseThrow();
    int[][] rows = new int[lengths.length][most];
    for (int r = 0; r < rows.length; r++) {
      for (int i = 0; i < most; i++) {
        rows[r][i] = i < lengths[r] ? 2 + random.nextInt(50) : filler;
      }
    }
    return rows;
  }

  private static int[][] mask(int[][] ids) {
    int[][] mask = new int[ids.length][ids[0].length];
    for (int r = 0; r < ids.length; r++) {
      for (int i = 0; i < ids[r].length; i++) {
        mask[r][i] = ids[r][i] == 0 ? 0 : 1;
      }
    }
    return mask;
  }

  private static Map<String, float[]> step(T5 model) {
    model.zeroGradients();
    var found = new LinkedHashMap<String, float[]>();
    try (var _ = Scope.open(Device.cpu())) {
      int[][] ids = rows(SOURCES, 0, 1);
      Tensor labels = TinyModels.ints(rows(TARGETS, -100, 2));
      Tensor loss =
          Scope.local(() ->
              model.crossEntropy(
                  TinyModels.ints(ids),
                  TinyModels.ints(mask(ids)),
                  model.shiftRight(labels),
                  labels,
                  Pass.training(5, 3, 7),
                  CrossEntropyOptions.MEAN));
      found.put("loss", loss.toFloats());
      loss.backward();
      model.parameters().forEach((name, p) -> found.put(name, p.gradient().toFloats()));
    }
    return found;
  }

  @ParameterizedTest
  @ValueSource(strings = {"v10", "v11", "umt5"})
  void aLossIsTheOneWithPaddingBitForBitAndGradientsAreButForRounding(String variant) {
    try (T5 model = T5.create(config(variant), 7, Device.cpu())) {
      model.dropout(0.3f);
      var packed = step(model);
      model.packedRows(false);
      var padded = step(model);
      assertEquals(padded.get("loss")[0], packed.get("loss")[0]);
      padded.forEach((name, gradient) -> {
        float most = 0;
        for (float one : gradient) {
          most = Math.max(most, Math.abs(one));
        }
        assertArrayEquals(gradient, packed.get(name), 1e-5f * most, name);
      });
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"v10", "v11", "umt5"})
  void statesOfTokensAreTheOnesWithPaddingBitForBit(String variant) {
    try (T5 model = T5.create(config(variant), 7, Device.cpu());
        var _ = Scope.openWithoutGradients(Device.cpu())) {
      int[][] ids = rows(SOURCES, 0, 1);
      Tensor mask = TinyModels.ints(mask(ids));
      float[] packed = model.encode(TinyModels.ints(ids), mask, Pass.inference()).toFloats();
      model.packedRows(false);
      float[] padded = model.encode(TinyModels.ints(ids), mask, Pass.inference()).toFloats();
      int width = model.config().modelWidth();
      for (int i = 0; i < padded.length; i++) {
        boolean token = i / width % ids[0].length < SOURCES[i / width / ids[0].length];
        assertEquals(token ? padded[i] : 0, packed[i], "" + i);
      }
    }
  }
}
