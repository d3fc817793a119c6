package dev.quintet.models.adapt.bottleneck;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.core.nn.Layer;
import dev.quintet.core.nn.Pass;
import dev.quintet.core.shape.Device;
import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.CrossEntropyOptions;
import dev.quintet.core.tensor.Parameter;
import dev.quintet.core.tensor.Scope;
import dev.quintet.core.tensor.Tensor;
import dev.quintet.models.TinyModels;
import dev.quintet.models.adapt.Adapter;
import dev.quintet.models.adapt.Adapters;
import dev.quintet.models.adapt.method.AdapterException;
import dev.quintet.models.t5.Activation;
import dev.quintet.models.t5.AttentionLayer;
import dev.quintet.models.t5.T5;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class BottleneckTest {
  private static final int[][] IDS = {{5, 6, 7, 1}, {11, 12, 1, 0}};
  private static final int[][] MASK = {{1, 1, 1, 1}, {1, 1, 1, 0}};
  private static final int[][] LABELS = {{21, 22, 1}, {24, 1, -100}};
  private static final String PREFIX = "base_model.model.";
  private static final String DENSE = "encoder.block.0.layer.1.DenseReluDense";
  private static final String SELF = "decoder.block.1.layer.0.SelfAttention";

  @TempDir Path temporary;

  private final T5 model = T5.create(TinyModels.v10(40), 7, Device.cpu());
  private final Adapters adapters = Adapters.of(model);

  @AfterEach
  void close() {
    model.close();
  }

  private static Bottleneck method(Bottleneck.Form form) {
    Bottleneck plain =
        switch (form) {
          case HOULSBY -> Bottleneck.houlsby(3);
          case PFEIFFER -> Bottleneck.pfeiffer(3);
          case PARALLEL -> Bottleneck.parallel(3);
        };
    return plain.withActivation(Activation.TANH).withScale(2);
  }

  private Adapter stirred(Bottleneck.Form form) {
    Adapter adapter = adapters.add("tags", method(form), 3);
    adapters.use("tags");
    int seed = 0;
    for (Parameter one : adapter.parameters().values()) {
      fill(one, TinyModels.random(seed++, Math.toIntExact(one.elements())));
    }
    return adapter;
  }

  private static void fill(Parameter parameter, float[] values) {
    try (var _ = Scope.openWithoutGradients(Device.cpu())) {
      parameter.set(Tensor.of(parameter.shape(), values));
    }
  }

  private double loss(boolean backward) {
    try (var _ = Scope.open(Device.cpu())) {
      Tensor loss =
          model
              .loss(
                  TinyModels.ints(IDS),
                  TinyModels.ints(MASK),
                  TinyModels.ints(LABELS),
                  Pass.inference(),
                  CrossEntropyOptions.MEAN)
              .loss();
      if (backward) {
        loss.backward();
      }
      return loss.item();
    }
  }

  @ParameterizedTest
  @EnumSource
  void aNewOneChangesNothingUntilItLearns(Bottleneck.Form form) {
    double plain = loss(false);
    Adapter adapter = adapters.add("tags", method(form), 3);
    adapters.use("tags");
    assertEquals(plain, loss(true));
    Parameter up = of(adapter, DENSE, "up");
    assertTrue(Tensors.largest(up.gradient()) > 0);
  }

  private static Parameter of(Adapter adapter, String path, String part) {
    return Objects.requireNonNull(
        adapter.parameters().get(PREFIX + path + ".bottleneck." + part + ".weight"), path);
  }

  @ParameterizedTest
  @EnumSource
  void eachPlaceGivesWhatTheFormulaDoes(Bottleneck.Form form) {
    try (var _ = Scope.openWithoutGradients(Device.cpu())) {
      Tensor x = Tensor.normal(Shape.of(2, 3, 32), 9);
      float[] plain = dense().apply(x, Pass.inference()).toFloats();
      float[] attended = attended(x);
      Adapter adapter = stirred(form);
      float[] from = form == Bottleneck.Form.PARALLEL ? x.toFloats() : plain;
      assertArrayEquals(
          byHand(plain, from, of(adapter, DENSE, "down"), of(adapter, DENSE, "up")),
          dense().apply(x, Pass.inference()).toFloats(),
          1e-4f);
      float[] expected =
          form == Bottleneck.Form.HOULSBY
              ? byHand(attended, attended, of(adapter, SELF, "down"), of(adapter, SELF, "up"))
              : attended;
      assertArrayEquals(expected, attended(x), 1e-4f);
    }
  }

  private Layer dense() {
    return (Layer) model.find(DENSE).orElseThrow();
  }

  private float[] attended(Tensor x) {
    var layer = (AttentionLayer) model.find(SELF).orElseThrow();
    var options = dev.quintet.core.tensor.AttentionOptions.PLAIN.withCausal();
    return layer.attendSelf(x, own -> own, options, Pass.inference()).toFloats();
  }

  /// y + 2 U tanh(D h)
  private static float[] byHand(float[] y, float[] h, Parameter down, Parameter up) {
    float[] d = down.toFloats();
    float[] u = up.toFloats();
    float[] out = y.clone();
    for (int row = 0; row < y.length / 32; row++) {
      for (int r = 0; r < 3; r++) {
        double sum = 0;
        for (int i = 0; i < 32; i++) {
          sum += (double) d[r * 32 + i] * h[row * 32 + i];
        }
        for (int i = 0; i < 32; i++) {
          out[row * 32 + i] += (float) (2 * u[i * 3 + r] * Math.tanh(sum));
        }
      }
    }
    return out;
  }

  @ParameterizedTest
  @EnumSource
  void gradientsAreThoseOfFiniteDifferences(Bottleneck.Form form) {
    Adapter adapter = stirred(form);
    adapter
        .parameters()
        .values()
        .forEach(one -> {
          float[] values = one.toFloats();
          for (int i = 0; i < values.length; i++) {
            values[i] *= 0.1f;
          }
          fill(one, values);
        });
    loss(true);
    for (String part : List.of("down", "up")) {
      Parameter one = of(adapter, DENSE, part);
      float[] gradient = one.gradient().toFloats();
      float[] values = one.toFloats();
      int at = 0;
      for (int i = 0; i < gradient.length; i++) {
        at = Math.abs(gradient[i]) > Math.abs(gradient[at]) ? i : at;
      }
      float before = values[at];
      values[at] = before + 0.02f;
      fill(one, values);
      double above = loss(false);
      values[at] = before - 0.02f;
      fill(one, values);
      double slope = (above - loss(false)) / 0.04;
      values[at] = before;
      fill(one, values);
      assertEquals(1, slope / gradient[at], 0.02, part + ": " + slope + ", " + gradient[at]);
    }
  }

  @ParameterizedTest
  @EnumSource
  void itsFilesBringItBack(Bottleneck.Form form) {
    stirred(form);
    double expected = loss(false);
    Path folder = temporary.resolve("tags");
    adapters.save("tags", folder);
    Adapter again = adapters.load("again", folder);
    assertEquals(List.of(), again.notes());
    assertEquals(method(form), again.method());
    adapters.use("again");
    assertEquals(expected, loss(false));
  }

  @Test
  void aNewerFormatIsRefusedByItsNumber() throws Exception {
    stirred(Bottleneck.Form.PFEIFFER);
    adapters.save("tags", temporary);
    Path config = temporary.resolve("adapter_config.json");
    String text =
        Files.readString(config).replace("\"quintet_format\": 1", "\"quintet_format\": 2");
    Files.writeString(config, text);
    var e = assertThrows(AdapterException.class, () -> adapters.load("again", temporary));
    assertTrue(e.getMessage().contains("quintet_format must be 1"), e.getMessage());
  }

  @Test
  void rowsWithAndWithoutOneShareABatch() {
    stirred(Bottleneck.Form.HOULSBY);
    adapters.useNone();
    float[] none = logits(List.of("", ""));
    float[] both = logits(List.of("tags", "tags"));
    float[] mixed = logits(List.of("tags", ""));
    int half = none.length / 2;
    for (int i = 0; i < none.length; i++) {
      assertEquals(i < half ? both[i] : none[i], mixed[i], 1e-5f);
    }
  }

  private float[] logits(List<String> names) {
    return adapters.with(
        names,
        () -> {
          try (var _ = Scope.openWithoutGradients(Device.cpu())) {
            Tensor mask = TinyModels.ints(MASK);
            Tensor memory = model.encode(TinyModels.ints(IDS), mask, Pass.inference());
            Tensor ids = model.shiftRight(TinyModels.ints(LABELS));
            return model.logits(model.decode(ids, memory, mask, Pass.inference())).toFloats();
          }
        });
  }

  private static final class Tensors {
    static float largest(Tensor tensor) {
      float most = 0;
      for (float value : tensor.toFloats()) {
        most = Math.max(most, Math.abs(value));
      }
      return most;
    }
  }
}
