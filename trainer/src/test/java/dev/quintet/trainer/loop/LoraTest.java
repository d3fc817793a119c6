package dev.quintet.trainer.loop;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.core.nn.Child;
import dev.quintet.core.nn.Layer;
import dev.quintet.core.nn.Linear;
import dev.quintet.core.nn.Module;
import dev.quintet.core.nn.Pass;
import dev.quintet.core.random.Site;
import dev.quintet.core.shape.Device;
import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.Parameter;
import dev.quintet.core.tensor.Tensor;
import dev.quintet.models.t5.T5;
import dev.quintet.models.text.TextToText;
import dev.quintet.trainer.TinyText;
import dev.quintet.trainer.data.Pairs;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// An adapter as an application would write it: it trains, is saved and loaded again, and the model's own names and values stay.
class LoraTest {
  @TempDir Path folder;

  /// LoRA (Hu et al., arXiv 2106.09685): y = W x + scale B A x.
  static final class Lora extends Module implements Layer {
    private final Child<Layer> base;
    private final Parameter a;
    private final Parameter b;

    Lora(Linear linear, int rank) {
      base = wraps(Layer.class, linear);
      int in = linear.weight().shape().dim(1);
      a = Parameter.normal(Shape.of(rank, in), 0.02, Site.of(linear.path()), Device.cpu());
      b = Parameter.full(Shape.of(linear.weight().shape().dim(0), rank), 0, Device.cpu());
      parameter("lora_A.weight", a);
      parameter("lora_B.weight", b);
    }

    @Override
    public Tensor apply(Tensor x, Pass pass) {
      return base.get().apply(x, pass).add(x.linear(a).linear(b).multiply(2));
    }

    static void adapt(T5 model) {
      new ArrayList<>(model.modules().entrySet())
          .stream()
              .filter(e -> e.getKey().matches(".*(Self|EncDec)Attention\\.[qv]"))
              .forEach(e -> model.replace(e.getKey(), new Lora((Linear) e.getValue(), 4)));
      model.freeze("*").train("*.lora_*");
    }
  }

  @Test
  void anAdapterOfAnApplicationTrainsAndIsLoadedAgain() throws java.io.IOException {
    Path out = folder.resolve("out");
    Pairs pairs =
        Pairs.jsonl(TinyText.jsonl(folder.resolve("train.jsonl"), 60, 1), "question", "answer");
    try (TextToText t5 = TinyText.model(0, 1)) {
      Map<String, float[]> before = values(t5.model());
      Lora.adapt(t5.model());
      Trainer.of(t5).data(pairs.split(0.8, 0.2, 0)).epochs(2).learningRate(0.02).run(out);
      before.forEach((name, old) ->
          assertArrayEquals(old, t5.model().parameters().get(name).toFloats(), name));
      assertNotEquals(
          0,
          t5.model()
              .parameters()
              .get("decoder.block.0.layer.0.SelfAttention.q.lora_B.weight")
              .toFloats()[0]);
      assertTrue(Files.exists(out.resolve("last/added.safetensors")));
      try (TextToText again = TextToText.load(out.resolve("last"))) {
        assertEquals(before.keySet(), again.model().parameters().keySet());
        Lora.adapt(again.model());
        again.model().load(out.resolve("last/added.safetensors"), "*.lora_*");
        var trained = values(t5.model());
        values(again.model())
            .forEach((name, now) -> assertArrayEquals(trained.get(name), now, name));
        assertEquals(t5.generate("red green"), again.generate("red green"));
      }
    }
  }

  private static Map<String, float[]> values(T5 model) {
    var values = new HashMap<String, float[]>();
    model.parameters().forEach((name, parameter) -> values.put(name, parameter.toFloats()));
    return values;
  }
}
