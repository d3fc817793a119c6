package dev.quintet.trainer.loop;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.core.cpu.CpuBackend;
import dev.quintet.core.shape.DType;
import dev.quintet.core.shape.Device;
import dev.quintet.core.tensor.Parameter;
import dev.quintet.models.adapt.Adapter;
import dev.quintet.models.adapt.Adapters;
import dev.quintet.models.adapt.lora.Lora;
import dev.quintet.models.t5.T5;
import dev.quintet.models.t5.T5Config;
import dev.quintet.models.text.TextToText;
import dev.quintet.trainer.TinyText;
import dev.quintet.trainer.head.HeadKind;
import dev.quintet.trainer.optim.Ema;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AdapterTrainingTest {
  private static final Lora LORA = Lora.rank(4).withAlpha(8);
  private static final String WEIGHTS = "adapter_model.safetensors";

  @TempDir Path folder;

  @Test
  void anAdapterLearnsAndTheModelIsAsItWas() throws IOException {
    Path base = folder.resolve("model");
    save(base);
    Path out = folder.resolve("out");
    try (TextToText text = TextToText.load(base)) {
      text.model().freeze("shared.*");
      Map<String, float[]> before = values(text.model());
      Map<String, Parameter> parameters = text.model().parameters();
      List<String> trained = trained(text.model());
      var starts = new ArrayList<TrainingStart>();
      TrainingResult result = trainer(text).listener(starting(starts)).run(out);
      assertTrue(
          result.validation().getLast().loss() < 0.95 * result.validation().getFirst().loss(),
          result.validation().toString());
      assertEquals(parameters.keySet(), text.model().parameters().keySet());
      before.forEach((name, old) ->
          assertArrayEquals(old, text.model().parameters().get(name).toFloats(), name));
      assertEquals(trained, trained(text.model()));
      assertEquals(List.of(), Adapters.of(text.model()).names());
      long own = 6L * 2 * 4 * (16 + 16); // attentions, q and v, rank, in and out
      assertEquals(own, starts.getFirst().trainable());
      assertEquals(text.model().parameterCount(), starts.getFirst().frozen());
      assertTrue(result.optimizerBytes() < 10 * own);
      Adapters adapters = Adapters.of(text.model());
      Adapter best = adapters.load("best", out.resolve("best"));
      assertEquals(own, best.parameterCount());
      adapters.load("last", out.resolve("last"));
      adapters.use("last");
      double loss = Trainer.of(text).maxLengths(32, 8).evaluate(TinyText.pairs(9, 2)).loss();
      assertEquals(result.validation().getLast().loss(), loss, 1e-4);
      assertTrue(
          Files.readString(out.resolve("best/adapter_config.json"))
              .contains(base.toString().replace("\\", "\\\\")));
    }
    for (String model : List.of("best", "last")) {
      assertFalse(Files.exists(out.resolve(model).resolve("model.safetensors")));
      assertFalse(Files.exists(out.resolve(model).resolve("training.safetensors")));
    }
    assertFalse(Files.exists(out.resolve("base")));
  }

  @Test
  void whatUsedAnAdapterBeforeUsesItAfterwards() {
    try (TextToText text = TinyText.model(0, 1)) {
      Adapters adapters = Adapters.of(text.model());
      adapters.add("other", LORA, 9);
      adapters.use("other");
      trainer(text).steps(2).run(folder.resolve("out"));
      assertEquals(List.of("other"), adapters.names());
      assertEquals("other", adapters.used().orElseThrow());
      assertTrue(adapters.get("other").parameters().values().stream().allMatch(Parameter::trains));
    }
  }

  @Test
  void aBaseThatWasNeverLoadedIsSavedBesideItsAdapter() throws IOException {
    Path out = folder.resolve("out");
    trainer(TinyText.model(0, 1)).steps(4).run(out);
    assertFalse(Files.exists(out.resolve("base/added.safetensors")));
    try (TextToText text = TextToText.load(out.resolve("base"))) {
      Adapters.of(text.model()).load("last", out.resolve("last"));
      values(TinyText.model(0, 1).model())
          .forEach((name, value) ->
              assertArrayEquals(value, text.model().parameters().get(name).toFloats(), name));
    }
    assertTrue(
        Files.readString(out.resolve("last/adapter_config.json"))
            .contains(out.resolve("base").toString().replace("\\", "\\\\")));
    Path mine = folder.resolve("mine");
    Files.createDirectories(mine.resolve("base"));
    var e = assertThrows(OtherRunException.class, () -> trainer(TinyText.model(0, 1)).run(mine));
    assertTrue(e.getMessage().contains("base would be overwritten"), e.getMessage());
  }

  @Test
  void aStoppedRunGoesOnBitForBitWithAnotherNumberOfThreads() throws IOException {
    int threads = CpuBackend.threads();
    try {
      CpuBackend.threads(2);
      average(TinyText.model(0.1f, 1)).run(folder.resolve("whole"));
      CpuBackend.threads(1);
      var steps = new int[1];
      average(TinyText.model(0.1f, 1)).stopWhen(() -> ++steps[0] == 5).run(folder.resolve("cut"));
      CpuBackend.threads(2);
      average(TinyText.model(0.1f, 1)).resume().run(folder.resolve("cut"));
    } finally {
      CpuBackend.threads(threads);
    }
    Map<String, Integer> whole = TinyText.bytes(folder.resolve("whole"));
    Map<String, Integer> cut = TinyText.bytes(folder.resolve("cut"));
    for (String file : List.of("best/", "last/", "ema/")) {
      same(whole, cut, file + WEIGHTS);
    }
    for (String file : List.of("model.safetensors", "optimizer.safetensors", "ema.safetensors")) {
      same(whole, cut, "checkpoints/step-12/" + file);
    }
    assertNotEquals(whole.get("ema/" + WEIGHTS), whole.get("last/" + WEIGHTS));
  }

  private static void same(Map<String, Integer> whole, Map<String, Integer> cut, String file) {
    assertEquals(Objects.requireNonNull(whole.get(file), file), cut.get(file), file);
  }

  private static Trainer average(TextToText text) {
    return trainer(text).steps(12).evaluateEvery(4).ema(Ema.Options.DEFAULT);
  }

  @Test
  void anotherAdapterAnotherBaseOrNoneDoesNotGoOn() {
    Path out = folder.resolve("out");
    trainer(TinyText.model(0, 1)).steps(6).stopWhen(() -> true).run(out);
    refused("adapter", () -> trainer(TinyText.model(0, 1)).adapter(LORA.withAlpha(4)), out);
    refused("another model", () -> trainer(TinyText.model(0, 2)), out);
    var e =
        assertThrows(
            OtherRunException.class, () -> plain(TinyText.model(0, 1)).steps(6).resume().run(out));
    assertTrue(e.getMessage().contains("holds a run with another"), e.getMessage());
    assertEquals(5, trainer(TinyText.model(0, 1)).steps(6).resume().run(out).stepsHere());
  }

  private static void refused(String what, java.util.function.Supplier<Trainer> trainer, Path out) {
    var e = assertThrows(OtherRunException.class, () -> trainer.get().steps(6).resume().run(out));
    assertTrue(e.getMessage().contains(what), e.getMessage());
  }

  @Test
  void aCheckpointOfT5SmallWithLoraOfRankEightIsUnderEightMegabytes() throws IOException {
    var tokenizer = TinyText.tokenizer();
    T5Config config = T5Config.small().withVocabSize(512).withDropout(0);
    Path out = folder.resolve("out");
    try (TextToText text = TextToText.of(T5.create(config, 1, Device.cpu()), tokenizer)) {
      Trainer.of(text)
          .data(TinyText.pairs(1, 1), TinyText.pairs(0, 1))
          .adapter(Lora.rank(8).withAlpha(16))
          .maxLengths(8, 8)
          .steps(1)
          .run(out);
    }
    long bytes = 0;
    try (var files = Files.list(out.resolve("checkpoints/step-1"))) {
      for (Path file : files.toList()) {
        bytes += Files.size(file);
      }
    }
    assertTrue(bytes > 3 * 4 * 294_912 && bytes < 8_000_000, bytes + " bytes");
    assertTrue(Files.size(out.resolve("best").resolve(WEIGHTS)) < 1_300_000);
  }

  @Test
  void neitherCheckpointingNorTheCutOfAStepChangesWhatIsLearned() throws IOException {
    float[] plain = learned("plain", trainer -> trainer);
    assertArrayEquals(plain, learned("checkpointing", trainer -> trainer.checkpointing(true)));
    float[] cut = learned("cut", trainer -> trainer.batchSize(2).accumulation(4));
    assertArrayEquals(plain, cut, 2e-3f);
  }

  private float[] learned(String name, UnaryOperator<Trainer> more) {
    Path out = folder.resolve(name);
    more.apply(trainer(TinyText.model(0.1f, 1)).steps(6)).run(out);
    return values(out.resolve("last"));
  }

  @Test
  void anAdapterLearnsOnABaseInBfloat16AndWithPackedRows() {
    TrainingResult narrow =
        trainer(TinyText.model(0, 1)).type(DType.BF16).run(folder.resolve("narrow"));
    assertTrue(
        narrow.validation().getLast().loss() < 0.95 * narrow.validation().getFirst().loss(),
        narrow.validation().toString());
    TrainingResult packed =
        trainer(TinyText.model(0, 1)).packing(true).run(folder.resolve("packed"));
    assertTrue(packed.validation().getLast().loss() < packed.validation().getFirst().loss());
  }

  @Test
  void anAdapterBeginsWithThatOfAnotherRun() {
    Path first = folder.resolve("first");
    TrainingResult before = trainer(TinyText.model(0, 1)).run(first);
    TrainingResult warm =
        trainer(TinyText.model(0, 1)).warmStart(first, false).steps(1).run(folder.resolve("warm"));
    assertEquals(
        before.validation().stream()
            .mapToDouble(TrainingResult.Validation::loss)
            .min()
            .getAsDouble(),
        warm.validation().getFirst().loss(),
        1e-6);
    TrainingResult moments =
        trainer(TinyText.model(0, 1))
            .warmStart(first, true)
            .steps(1)
            .run(folder.resolve("moments"));
    assertEquals(
        before.validation().getLast().loss(), moments.validation().getFirst().loss(), 1e-6);
    Path whole = folder.resolve("whole");
    plain(TinyText.model(0, 1)).steps(1).run(whole);
    var e =
        assertThrows(
            OtherRunException.class,
            () -> trainer(TinyText.model(0, 1)).warmStart(whole, false).run(folder.resolve("a")));
    assertTrue(e.getMessage().contains("holds no adapter"), e.getMessage());
    e =
        assertThrows(
            OtherRunException.class,
            () -> plain(TinyText.model(0, 1)).warmStart(first, false).run(folder.resolve("b")));
    assertTrue(e.getMessage().contains("holds an adapter, not a model"), e.getMessage());
    e =
        assertThrows(
            OtherRunException.class,
            () ->
                trainer(TinyText.model(0, 1))
                    .adapter(Lora.rank(2))
                    .warmStart(first, false)
                    .run(folder.resolve("c")));
    assertTrue(e.getMessage().contains("lora_A.weight of shape"), e.getMessage());
  }

  @Test
  void ratesAreForWhatTrains() throws IOException {
    var rates = new LinkedHashMap<String, Double>();
    rates.put("*.lora_B.*", 0.0);
    float[] still = learned("still", trainer -> trainer.rates(rates));
    float[] slow = learned("slow", trainer -> trainer.layerDecay(0.5));
    float[] plain = learned("plain", trainer -> trainer);
    assertNotEquals(plain[0], slow[0]);
    try (TextToText text = TinyText.model(0, 1)) {
      Adapter adapter = Adapters.of(text.model()).load("still", folder.resolve("still/last"));
      adapter
          .parameters()
          .forEach((name, parameter) -> {
            if (name.contains("lora_B")) {
              assertArrayEquals(new float[(int) parameter.elements()], parameter.toFloats(), name);
            }
          });
    }
    assertEquals(plain.length, still.length);
    rates.put("encoder.final_layer_norm.weight", 2.0);
    var e =
        assertThrows(
            IllegalArgumentException.class, () -> learned("none", trainer -> trainer.rates(rates)));
    assertTrue(e.getMessage().contains("encoder.final_layer_norm.weight"), e.getMessage());
  }

  @Test
  void freezingAndHeadsAreRefusedBesideAnAdapter() {
    Trainer trainer = trainer(TinyText.model(0, 1));
    refused("nothing is to be frozen", trainer.freeze("encoder.*"));
    refused("nothing is to be frozen", trainer(TinyText.model(0, 1)).unfreeze(3, "encoder.*"));
    refused("a head", trainer(TinyText.model(0, 1)).head(HeadKind.CLASSIFY, List.of()));
    assertFalse(Files.exists(folder.resolve("out")));
  }

  private void refused(String what, Trainer trainer) {
    var e = assertThrows(IllegalArgumentException.class, () -> trainer.run(folder.resolve("out")));
    assertTrue(e.getMessage().contains(what), e.getMessage());
  }

  private static Trainer plain(TextToText text) {
    return Trainer.of(text)
        .data(TinyText.pairs(64, 1), TinyText.pairs(9, 2))
        .test(TinyText.pairs(5, 3))
        .maxLengths(32, 8)
        .steps(30)
        .learningRate(0.02);
  }

  private static Trainer trainer(TextToText text) {
    return plain(text).adapter(LORA);
  }

  private static TrainingListener starting(List<TrainingStart> starts) {
    return new TrainingListener() {
      @Override
      public void started(TrainingStart start) {
        starts.add(start);
      }
    };
  }

  private static void save(Path base) throws IOException {
    Files.createDirectories(base);
    try (TextToText text = TinyText.model(0, 1)) {
      new T5Learner(text).save(base);
    }
  }

  private static List<String> trained(T5 model) {
    return model.parameters().entrySet().stream()
        .filter(entry -> entry.getValue().trains())
        .map(Map.Entry::getKey)
        .toList();
  }

  private static Map<String, float[]> values(T5 model) {
    var values = new LinkedHashMap<String, float[]>();
    model.parameters().forEach((name, parameter) -> values.put(name, parameter.toFloats()));
    return values;
  }

  /// All numbers of an adapter's folder, one after another.
  private static float[] values(Path adapter) {
    try (TextToText text = TinyText.model(0, 1)) {
      var all = new ArrayList<float[]>();
      Adapters.of(text.model())
          .load("read", adapter)
          .parameters()
          .values()
          .forEach(parameter -> all.add(parameter.toFloats()));
      float[] values = new float[all.stream().mapToInt(one -> one.length).sum()];
      int at = 0;
      for (float[] one : all) {
        System.arraycopy(one, 0, values, at, one.length);
        at += one.length;
      }
      return values;
    }
  }
}
