package dev.quintet.models.t5;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.core.nn.Child;
import dev.quintet.core.nn.Layer;
import dev.quintet.core.nn.Linear;
import dev.quintet.core.nn.Module;
import dev.quintet.core.nn.Pass;
import dev.quintet.core.shape.Device;
import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.AttentionOptions;
import dev.quintet.core.tensor.CrossEntropyOptions;
import dev.quintet.core.tensor.Parameter;
import dev.quintet.core.tensor.Scope;
import dev.quintet.core.tensor.Tensor;
import dev.quintet.models.TinyModels;
import dev.quintet.models.checkpoint.Checkpoint;
import dev.quintet.models.checkpoint.CheckpointException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Parts of a model that others take the place of, and blocks that are computed anew.
class ReplacedPartsTest {
  private static final int[][] IDS = {{5, 6, 7, 8, 9, 1}, {11, 12, 1, 0, 0, 0}};
  private static final int[][] LABELS = {{21, 22, 1}, {23, 1, -100}};

  /// What is there, with what it is asked counted.
  private static final class Watched extends Module implements Layer {
    private final Child<Layer> base;
    private int calls;

    Watched(Module module) {
      base = wraps(Layer.class, module);
    }

    @Override
    public Tensor apply(Tensor x, Pass pass) {
      calls++;
      return base.get().apply(x, pass);
    }
  }

  private static final class WatchedAttention extends Module implements AttentionLayer {
    private final Child<AttentionLayer> base;
    private int calls;

    WatchedAttention(Module module) {
      base = wraps(AttentionLayer.class, module);
    }

    @Override
    public KeysAndValues keysAndValues(Tensor states, Pass pass) {
      return base.get().keysAndValues(states, pass);
    }

    @Override
    public Tensor attend(Tensor x, KeysAndValues memory, AttentionOptions options, Pass pass) {
      calls++;
      return base.get().attend(x, memory, options, pass);
    }

    @Override
    public Optional<RelativePositionBias> relativeBias() {
      return base.get().relativeBias();
    }
  }

  private static Map<String, float[]> gradients(T5 model) {
    var found = new LinkedHashMap<String, float[]>();
    try (var _ = Scope.open(Device.cpu())) {
      Tensor ids = TinyModels.ints(IDS);
      Tensor mask =
          ids.compare(
                  dev.quintet.core.backend.ElementwiseKernels.Comparison.NOT_EQUAL,
                  Tensor.ofInts(dev.quintet.core.shape.Shape.of(1), 0))
              .cast(dev.quintet.core.shape.DType.I32);
      Tensor labels = TinyModels.ints(LABELS);
      Tensor loss =
          model.crossEntropy(
              ids,
              mask,
              model.shiftRight(labels),
              labels,
              Pass.training(3, 4, 0),
              CrossEntropyOptions.MEAN);
      found.put("loss", loss.toFloats());
      loss.backward();
      model.parameters().forEach((name, p) -> found.put(name, p.gradient().toFloats()));
    }
    model.zeroGradients();
    return found;
  }

  private static void assertSame(Map<String, float[]> expected, Map<String, float[]> found) {
    assertEquals(expected.keySet(), found.keySet());
    expected.forEach((name, values) -> assertArrayEquals(values, found.get(name), name));
  }

  @ParameterizedTest
  @ValueSource(strings = {"v10", "v11", "umt5"})
  void aBlockThatIsComputedAnewHasTheSameGradientsBitForBit(String variant) {
    try (T5 model = T5.create(config(variant), 7, Device.cpu())) {
      model.dropout(0.3f);
      var expected = gradients(model);
      model.checkpointing(true);
      assertSame(expected, gradients(model));
    }
  }

  private static T5Config config(String variant) {
    return switch (variant) {
      case "v10" -> TinyModels.v10(40);
      case "v11" -> TinyModels.v11(40);
      default -> TinyModels.umt5(40);
    };
  }

  @Test
  void everyPartWithParametersCanBeReplacedAndKeepsItsNames() {
    try (T5 model = T5.create(TinyModels.v11(40), 7, Device.cpu())) {
      model.dropout(0.3f);
      var names = List.copyOf(model.parameters().keySet());
      var expected = gradients(model);
      var wrappers = new ArrayList<Watched>();
      var attentions = new ArrayList<WatchedAttention>();
      for (var entry : model.modules().entrySet()) {
        if (entry.getValue() instanceof T5Attention attention) {
          attentions.add(new WatchedAttention(attention));
          model.replace(entry.getKey(), attentions.getLast());
        } else if (entry.getValue() instanceof Layer
            && !(entry.getValue() instanceof dev.quintet.core.nn.Dropout)) {
          wrappers.add(new Watched(entry.getValue()));
          model.replace(entry.getKey(), wrappers.getLast());
        }
      }
      assertEquals(new TreeSet<>(names), new TreeSet<>(model.parameters().keySet()));
      assertSame(expected, gradients(model));
      wrappers.forEach(each -> assertTrue(each.calls > 0, each.path()));
      attentions.forEach(each -> assertTrue(each.calls > 0, each.path()));
      model.freeze("*").train("encoder.block.0.layer.0.SelfAttention.q.weight");
      assertEquals(1, model.parameters().values().stream().filter(p -> p.trains()).count());
    }
  }

  @Test
  void aHeadThatHasABiasIsComputedWithIt() {
    try (T5 model = T5.create(TinyModels.v11(40), 7, Device.cpu())) {
      Module plain = model.find("lm_head").orElseThrow();
      var bias = Parameter.normal(Shape.of(40), 9);
      model.replace("lm_head", new Linear(((Linear) plain).weight(), bias));
      try (var _ = Scope.open(Device.cpu())) {
        Tensor ids = TinyModels.ints(IDS);
        Tensor mask = Tensor.ofInts(ids.shape(), 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0);
        Tensor labels = TinyModels.ints(LABELS);
        Tensor decoder = model.shiftRight(labels);
        Pass pass = Pass.inference();
        assertArrayEquals(
            model
                .loss(ids, mask, decoder, labels, pass, CrossEntropyOptions.MEAN)
                .loss()
                .toFloats(),
            model
                .crossEntropy(ids, mask, decoder, labels, pass, CrossEntropyOptions.MEAN)
                .toFloats());
      }
    }
  }

  @Test
  void whatTheArchitectureCannotLoadIsNotSaved(@TempDir Path folder) {
    try (T5 model = T5.create(TinyModels.v11(40), 7, Device.cpu())) {
      String path = "encoder.block.0.layer.0.SelfAttention.q";
      model.replace(path, new Watched(model.find(path).orElseThrow()));
      Checkpoint.save(model, folder.resolve("wrapped"));
      try (T5 again = Checkpoint.load(folder.resolve("wrapped"))) {
        assertEquals(model.parameters().keySet(), again.parameters().keySet());
      }
      model.replace(path, new Added(model.find(path).orElseThrow()));
      var refused =
          assertThrows(
              CheckpointException.class, () -> Checkpoint.save(model, folder.resolve("added")));
      assertTrue(refused.getMessage().contains(path + ".added"), refused.getMessage());
      assertFalse(Files.exists(folder.resolve("added")));
    }
  }

  private static final class Added extends Module implements Layer {
    private final Child<Layer> base;

    Added(Module module) {
      base = wraps(Layer.class, module);
      parameter(
          "added",
          dev.quintet.core.tensor.Parameter.full(
              dev.quintet.core.shape.Shape.of(2), 1, Device.cpu()));
    }

    @Override
    public Tensor apply(Tensor x, Pass pass) {
      return base.get().apply(x, pass);
    }
  }
}
