package dev.quintet.models.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.core.io.SafetensorsFile;
import dev.quintet.core.io.SafetensorsType;
import dev.quintet.core.nn.Linear;
import dev.quintet.core.nn.Pass;
import dev.quintet.core.shape.Device;
import dev.quintet.core.shape.Precision;
import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.CrossEntropyOptions;
import dev.quintet.core.tensor.Parameter;
import dev.quintet.core.tensor.Scope;
import dev.quintet.core.tensor.Tensor;
import dev.quintet.models.TinyModels;
import dev.quintet.models.adapt.Adapter;
import dev.quintet.models.adapt.Adapters;
import dev.quintet.models.adapt.lora.Lora;
import dev.quintet.models.generate.GenerationConfig;
import dev.quintet.models.generate.Generator;
import dev.quintet.models.json.JsonObject;
import dev.quintet.models.t5.T5;
import dev.quintet.models.t5.T5Config;
import dev.quintet.models.t5.T5SequenceClassifier;
import dev.quintet.models.t5.TaskHead;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Models whose weights are stored small.
class SmallWeightsTest {
  @TempDir Path temporary;

  @ParameterizedTest
  @EnumSource(
      value = Precision.class,
      names = {"BF16", "INT8"})
  void aModelComputesWithWhatItsSmallWeightsAre(Precision precision) {
    for (T5Config config : List.of(TinyModels.v10(40), TinyModels.v11(40))) {
      Path folder = saved(config, "model" + config.tied());
      try (T5 small = small(folder, precision);
          T5 wide = Checkpoint.load(folder)) {
        small
            .parameters()
            .forEach((name, parameter) -> {
              boolean token = name.matches(".*(shared|lm_head|\\.[qkvo]|wi(_[01])?|wo)\\.weight");
              assertEquals(token, parameter.form().isPresent(), name);
              if (token) {
                // the same values, in float32
                Parameter twin = wide.parameters().get(name);
                try (var _ = Scope.openWithoutGradients(Device.cpu())) {
                  twin.set(parameter.widened());
                }
              }
            });
        assertEquals(wide.parameters().keySet(), small.parameters().keySet());
        assertEquals(wide.parameterCount(), small.parameterCount());
        assertArrayEquals(logits(wide), logits(small), 1e-4f);
        assertEquals(loss(wide), loss(small), 1e-4f);
        assertArrayEquals(answers(wide), answers(small));
      }
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Precision.class,
      names = {"BF16", "INT8"})
  void aFolderOfSmallWeightsIsWhatLoadingMakesOfFloats(Precision precision) {
    Path folder = saved(TinyModels.v10(40), "model");
    Path converted = temporary.resolve("converted");
    Conversion.run(folder, converted, options(precision));
    Path again = temporary.resolve("again");
    float[] expected;
    try (T5 small = small(folder, precision)) {
      expected = logits(small);
      Checkpoint.save(small, again);
    }
    for (Path each : List.of(converted, again)) {
      LoadOptions options =
          precision == Precision.INT8
              ? LoadOptions.DEFAULT
              : LoadOptions.DEFAULT.withPrecision(precision);
      try (T5 small = Checkpoint.load(each, options)) {
        assertTrue(small.shared().weight().form().isPresent(), each.toString());
        assertTrue(small.config().tied());
        assertArrayEquals(expected, logits(small), each.toString());
      }
    }
  }

  @Test
  void aFolderOfInt8SaysSoAndBecomesFloatsAgain() {
    Path folder = saved(TinyModels.v11(40), "model");
    Path int8 = temporary.resolve("int8");
    Path floats = temporary.resolve("floats");
    Conversion.run(folder, int8, options(Precision.INT8));
    JsonObject config = JsonObject.read(int8.resolve("config.json"));
    assertEquals(Optional.of("t5_int8"), config.string("model_type"));
    assertEquals(Optional.of("int8"), config.string("weights"));
    try (var file = SafetensorsFile.open(int8.resolve("model.safetensors"))) {
      var entry = file.entry("lm_head.weight");
      assertEquals(SafetensorsType.I8, entry.type());
      assertEquals(3, entry.dims().length);
      assertEquals(SafetensorsType.F32, file.entry("encoder.final_layer_norm.weight").type());
    }
    Conversion.run(int8, floats, options(Precision.F32));
    assertEquals(
        Optional.of("t5"), JsonObject.read(floats.resolve("config.json")).string("model_type"));
    try (T5 small = Checkpoint.load(int8);
        T5 wide = Checkpoint.load(floats);
        T5 widened = small(int8, Precision.F32)) {
      assertFalse(wide.shared().weight().form().isPresent());
      assertArrayEquals(logits(wide), logits(widened));
      assertArrayEquals(logits(wide), logits(small), 1e-4f);
    }
  }

  @Test
  void aFolderOfNarrowFloatsThatIsAskedForInFloat32HasNoOthers() {
    Path folder = saved(TinyModels.v11(40), "model");
    Path narrow = temporary.resolve("narrow");
    Path floats = temporary.resolve("floats");
    Conversion.run(
        folder,
        narrow,
        new Conversion.Options(Optional.of(SafetensorsType.BF16), Long.MAX_VALUE, true));
    Conversion.run(narrow, floats, options(Precision.F32));
    assertEquals(
        Optional.of("float32"),
        JsonObject.read(floats.resolve("config.json")).string("torch_dtype"));
    try (var file = SafetensorsFile.open(floats.resolve("model.safetensors"))) {
      for (String name : file.names()) {
        assertEquals(SafetensorsType.F32, file.entry(name).type(), name);
      }
    }
    try (T5 small = Checkpoint.load(narrow);
        T5 wide = Checkpoint.load(floats)) {
      assertArrayEquals(logits(small), logits(wide));
    }
  }

  @Test
  void tablesOfWhichOnlyTheScalesDifferStayEachStacksOwn() {
    Path folder = temporary.resolve("tables");
    try (T5 model = T5.create(TinyModels.v10(40).withOwnTables(true), 4, Device.cpu())) {
      float[] table = model.parameters().get("shared.weight").toFloats();
      model.parameters().get("decoder.embed_tokens.weight").set(table);
      for (int i = 0; i < table.length; i++) {
        table[i] *= 2;
      }
      model.parameters().get("encoder.embed_tokens.weight").set(table);
      Checkpoint.save(model, folder);
    }
    try (T5 expected = small(folder, Precision.INT8);
        T5 found = Checkpoint.load(converted(folder))) {
      assertArrayEquals(logits(expected), logits(found));
      assertEquals(
          Checkpoint.names(folder, LoadOptions.DEFAULT).toString(),
          Checkpoint.names(temporary.resolve("int8"), LoadOptions.DEFAULT).toString());
    }
  }

  @Test
  void int8IsNotRoundedAgain() {
    Path int8 = temporary.resolve("int8");
    Conversion.run(saved(TinyModels.v10(40), "model"), int8, options(Precision.INT8));
    refused("only round again", () -> small(int8, Precision.BF16));
    refused(
        "only round again",
        () -> Conversion.run(int8, temporary.resolve("a"), options(Precision.BF16)));
    refused(
        "only round again",
        () ->
            Conversion.run(
                int8,
                temporary.resolve("b"),
                new Conversion.Options(Optional.of(SafetensorsType.BF16), Long.MAX_VALUE, true)));
  }

  @Test
  void aTiedTableIsHeldOnceAndNothingOfTheFileIsKept() throws Exception {
    Path folder = saved(TinyModels.v10(40), "model");
    try (T5 small = small(folder, Precision.INT8)) {
      Linear head = (Linear) small.find("lm_head").orElseThrow();
      assertSame(small.shared().weight(), head.weight());
      float[] before = logits(small);
      Files.write(folder.resolve("model.safetensors"), new byte[10]);
      assertArrayEquals(before, logits(small));
    }
  }

  @Test
  void smallWeightsNeitherTrainNorPassForFloats() {
    try (T5 small = small(saved(TinyModels.v10(40), "model"), Precision.INT8)) {
      Parameter table = small.shared().weight();
      for (var use :
          List.<Runnable>of(
              () -> small.train("shared.weight"),
              () -> table.set(new float[(int) table.elements()]),
              () -> table.toFloats(),
              () -> table.reshape(-1))) {
        var e = assertThrows(IllegalStateException.class, use::run);
        assertTrue(e.getMessage().contains("shared.weight"), e.getMessage());
        assertTrue(e.getMessage().contains("INT8"), e.getMessage());
        assertTrue(e.getMessage().contains("float32"), e.getMessage());
      }
    }
  }

  @Test
  void adaptersInFloat32SitOnSmallWeights() {
    Path folder = saved(TinyModels.v10(40), "model");
    Path adapter = temporary.resolve("adapter");
    try (T5 wide = Checkpoint.load(folder)) {
      Adapter made = Adapters.of(wide).add("made", Lora.rank(2).on("q", "v"), 1);
      made.parameters()
          .values()
          .forEach(one -> one.set(TinyModels.random(one.elements(), (int) one.elements())));
      Adapters.of(wide).save("made", adapter);
    }
    try (T5 small = small(folder, Precision.INT8);
        T5 wide = small(converted(folder), Precision.F32)) {
      float[] plain = logits(small);
      Adapters.of(small).load("read", adapter);
      Adapters.of(small).use("read");
      Adapters.of(wide).load("read", adapter);
      Adapters.of(wide).use("read");
      assertArrayEquals(logits(wide), logits(small), 1e-3f);
      assertFalse(Arrays.equals(plain, logits(small)));
      var e = assertThrows(IllegalStateException.class, () -> Adapters.of(small).merge("read"));
      assertTrue(e.getMessage().contains("INT8"), e.getMessage());
    }
  }

  private Path converted(Path folder) {
    Path int8 = temporary.resolve("int8");
    Conversion.run(folder, int8, options(Precision.INT8));
    return int8;
  }

  @Test
  void aHeadOfATaskStaysFloat32OverSmallStacks() {
    Path folder = temporary.resolve("classifier");
    try (var made =
        T5SequenceClassifier.create(TinyModels.v10(40), TaskHead.of("a", "b"), 1, Device.cpu())) {
      Checkpoint.save(made, folder);
    }
    try (var small =
        Checkpoint.loadAny(folder, LoadOptions.DEFAULT.withPrecision(Precision.INT8))) {
      small
          .parameters()
          .forEach((name, parameter) -> {
            if (name.startsWith("classification_head")) {
              assertTrue(parameter.form().isEmpty(), name);
            }
          });
      assertTrue(small.parameters().values().stream().anyMatch(one -> one.form().isPresent()));
    }
  }

  @Test
  void int8WithoutItsScalesIsRefusedByName() throws Exception {
    Path int8 = temporary.resolve("int8");
    Conversion.run(saved(TinyModels.v10(40), "model"), int8, options(Precision.INT8));
    Path file = int8.resolve("model.safetensors");
    String text = Files.readString(file, StandardCharsets.ISO_8859_1);
    Files.writeString(
        file, text.replace("wo.weight.scale", "wo.weight.stale"), StandardCharsets.ISO_8859_1);
    refused("wo.weight.scale, are missing", () -> Checkpoint.load(int8));
  }

  private static void refused(String what, Runnable use) {
    var e = assertThrows(CheckpointException.class, use::run);
    assertTrue(e.getMessage().contains(what), e.getMessage());
  }

  private static Conversion.Options options(Precision precision) {
    return new Conversion.Options(Optional.empty(), Long.MAX_VALUE, true, Optional.of(precision));
  }

  private static T5 small(Path folder, Precision precision) {
    return Checkpoint.load(folder, LoadOptions.DEFAULT.withPrecision(precision));
  }

  private Path saved(T5Config config, String name) {
    Path folder = temporary.resolve(name);
    try (T5 model = T5.create(config, 4, Device.cpu())) {
      Checkpoint.save(model, folder);
    }
    return folder;
  }

  private static Tensor ids(int rows, int length, int from) {
    int[] ids = new int[rows * length];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = (from + 7 * i) % 40;
    }
    return Tensor.ofInts(Shape.of(rows, length), ids);
  }

  private static Tensor ones(int rows, int length) {
    int[] mask = new int[rows * length];
    Arrays.fill(mask, 1);
    return Tensor.ofInts(Shape.of(rows, length), mask);
  }

  private static float[] logits(T5 model) {
    try (var _ = Scope.openWithoutGradients(Device.cpu())) {
      Tensor memory = model.encode(ids(2, 9, 1), ones(2, 9), Pass.inference());
      return model
          .logits(model.decode(ids(2, 12, 3), memory, ones(2, 9), Pass.inference()))
          .toFloats();
    }
  }

  private static float loss(T5 model) {
    try (var _ = Scope.openWithoutGradients(Device.cpu())) {
      return model
          .crossEntropy(
              ids(2, 9, 1),
              ones(2, 9),
              ids(2, 5, 3),
              ids(2, 5, 4),
              Pass.inference(),
              CrossEntropyOptions.MEAN)
          .item();
    }
  }

  private static int[][] answers(T5 model) {
    return Generator.of(model)
        .generate(
            List.of(new int[] {3, 4, 5, 1}, new int[] {9, 8, 1}),
            GenerationConfig.of(model.config()).withMaxNewTokens(8));
  }
}
