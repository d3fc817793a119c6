package dev.quintet.models.adapt;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.core.instrument.Cost;
import dev.quintet.core.instrument.Dry;
import dev.quintet.core.nn.Pass;
import dev.quintet.core.shape.DType;
import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.CrossEntropyOptions;
import dev.quintet.core.tensor.Parameter;
import dev.quintet.core.tensor.Scope;
import dev.quintet.core.tensor.Tensor;
import dev.quintet.models.TinyModels;
import dev.quintet.models.adapt.bottleneck.Bottleneck;
import dev.quintet.models.adapt.lora.AdaLora;
import dev.quintet.models.adapt.lora.Lora;
import dev.quintet.models.adapt.method.AdapterMethod;
import dev.quintet.models.adapt.prompt.PrefixTuning;
import dev.quintet.models.adapt.prompt.PromptTuning;
import dev.quintet.models.adapt.scale.Ia3;
import dev.quintet.models.adapt.scale.NormTuning;
import dev.quintet.models.t5.T5;
import dev.quintet.models.t5.T5Config;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/// What a training step with an adapter asks a device for.
class AdapterCostTest {
  private static final int LAYERS = 2;

  /// Commands by family and method, and all products' operations.
  private record Counts(Map<String, long[]> calls, long flops, long gradients) {
    long of(String call) {
      return calls.getOrDefault(call, new long[1])[0];
    }
  }

  /// A step of a model on a device that only counts.
  ///
  /// @param method empty for none and everything trains
  private static Counts step(AdapterMethod... method) {
    Dry dry = Dry.open();
    try (T5 model =
        new T5(TinyModels.v10(500), (_, shape) -> Parameter.empty(shape, dry.device()))) {
      if (method.length > 0) {
        Adapters adapters = Adapters.of(model);
        adapters.add("one", method[0], 1);
        adapters.use("one");
      }
      dry.reset();
      try (var _ = Scope.open(dry.device())) {
        Tensor loss =
            model
                .loss(
                    Tensor.empty(Shape.of(4, 24), DType.I32),
                    Tensor.empty(Shape.of(4, 24), DType.I32),
                    Tensor.empty(Shape.of(4, 12), DType.I32),
                    Pass.training(1, 1, 0),
                    CrossEntropyOptions.MEAN.withNormalizer(48))
                .loss();
        loss.backward();
      }
      long gradients = model.parameters().values().stream().filter(Parameter::hasGradient).count();
      Dry.Counts counts = dry.counts();
      long flops = counts.costs().stream().mapToLong(Cost::flops).sum();
      return new Counts(counts.calls(), flops, gradients);
    }
  }

  @Test
  void promptTuningComputesNoGradientOfAnyWeight() {
    Counts counts = step(PromptTuning.tokens(3));
    assertEquals(0, counts.of("MatmulKernels.multiplyMany"));
    assertEquals(0, counts.of("LayoutKernels.scatterAdd"));
    assertEquals(1, counts.gradients());
    assertTrue(step().of("MatmulKernels.multiplyMany") > 0, "what full fine-tuning computes");
  }

  @Test
  void anAdapterInTheDecoderAloneStopsAtTheDecoder() {
    Counts counts = step(Lora.rank(2).onMatching("decoder.*\\.q"));
    // self-attention and cross-attention, three norms with what they add, in each of its layers
    assertEquals(2 * LAYERS, counts.of("AttentionKernels.attentionBackward"));
    assertEquals(3 * LAYERS, counts.of("NormKernels.residualNormBackward"));
    assertEquals(0, counts.of("NormKernels.normBackward"));
    assertEquals(2 * 2 * LAYERS, counts.of("MatmulKernels.multiplyMany"));
    assertEquals(2 * 2 * LAYERS, counts.gradients());
  }

  @Test
  void anAdapterInTheLastBlockAloneStopsThere() {
    Counts counts = step(Lora.rank(2).onMatching("decoder.block.1.*\\.q"));
    assertEquals(2, counts.of("AttentionKernels.attentionBackward"));
    assertTrue(counts.flops() < 0.75 * step(Lora.rank(2)).flops());
  }

  @Test
  void noGradientOfTheBaseIsComputed() {
    // A and B of q and v in three attentions of each layer
    assertEquals(2 * 2 * 3 * LAYERS, step(Lora.rank(2)).of("MatmulKernels.multiplyMany"));
    assertEquals(0, step(NormTuning.standard()).of("MatmulKernels.multiplyMany"));
  }

  @Test
  void anAdapterThatIsNotUsedCostsNothing() {
    Dry dry = Dry.open();
    try (T5 model =
        new T5(TinyModels.v10(500), (_, shape) -> Parameter.empty(shape, dry.device()))) {
      forward(model, dry); // brings constants over
      Map<String, Long> plain = forward(model, dry);
      Adapters adapters = Adapters.of(model);
      adapters.add("one", Lora.rank(2).onMatching("all-linear"), 1);
      adapters.add("two", NormTuning.standard(), 1);
      assertEquals(plain, forward(model, dry));
      adapters.use("two");
      assertEquals(plain, forward(model, dry));
    }
  }

  private static Map<String, Long> forward(T5 model, Dry dry) {
    dry.reset();
    try (var _ = Scope.openWithoutGradients(dry.device())) {
      Tensor ids = Tensor.empty(Shape.of(4, 24), DType.I32);
      Tensor memory = model.encode(ids, ids, Pass.inference());
      model.logits(model.decode(ids, memory, ids, Pass.inference()));
    }
    var calls = new TreeMap<String, Long>();
    dry.counts().calls().forEach((call, both) -> calls.put(call, both[0]));
    return calls;
  }

  @Test
  void eightAdaptersOnOneT5SmallCostLessThanAFifthOfIt() {
    Dry dry = Dry.open();
    dry.reset();
    try (T5 model = new T5(T5Config.small(), (_, shape) -> Parameter.empty(shape, dry.device()))) {
      Adapters adapters = Adapters.of(model);
      long base = dry.counts().peak();
      assertTrue(base >= 4 * model.parameterCount(), "the base is counted");
      AdapterMethod[] methods = {
        Lora.rank(8),
        Lora.rank(8).withDecomposition(),
        AdaLora.ranks(8, 4, 100).on("q", "v"),
        Ia3.standard(),
        NormTuning.standard(),
        PromptTuning.tokens(20),
        PrefixTuning.tokens(20),
        Bottleneck.houlsby(16)
      };
      for (int i = 0; i < methods.length; i++) {
        adapters.add("a" + i, methods[i], i);
      }
      long all = dry.counts().peak();
      assertTrue(all > base && all < 1.2 * base, all + " bytes, the base " + base);
    }
  }
}
