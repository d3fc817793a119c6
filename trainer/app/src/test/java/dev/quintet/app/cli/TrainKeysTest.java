package dev.quintet.app.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.models.text.TextToText;
import dev.quintet.trainer.TinyText;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class TrainKeysTest {
  private static final Set<TrainKey> TEXTS =
      Set.of(
          TrainKey.MODEL,
          TrainKey.CONFIG,
          TrainKey.TOKENIZER,
          TrainKey.OBJECTIVE,
          TrainKey.TRAIN,
          TrainKey.VALIDATION,
          TrainKey.TEST,
          TrainKey.DATA,
          TrainKey.TASKS,
          TrainKey.MIXTURE,
          TrainKey.SOURCE_FIELD,
          TrainKey.TARGET_FIELD,
          TrainKey.OUT,
          TrainKey.OPTIMIZER,
          TrainKey.SCHEDULE,
          TrainKey.RATES,
          TrainKey.EMA,
          TrainKey.NONFINITE,
          TrainKey.PACKING,
          TrainKey.FREEZE,
          TrainKey.UNFREEZE,
          TrainKey.EVALUATE,
          TrainKey.SELECT,
          TrainKey.WARM_START,
          TrainKey.HEAD,
          TrainKey.LABELS);
  private static final Set<TrainKey> FRACTIONS =
      Set.of(
          TrainKey.EPOCHS,
          TrainKey.NOISE_DENSITY,
          TrainKey.MEAN_SPAN,
          TrainKey.LEARNING_RATE,
          TrainKey.WEIGHT_DECAY,
          TrainKey.CLIP,
          TrainKey.CLIP_VALUE,
          TrainKey.LAYER_DECAY,
          TrainKey.LABEL_SMOOTHING,
          TrainKey.Z_LOSS,
          TrainKey.DROPOUT,
          TrainKey.MIN_DELTA);

  @TempDir Path folder;

  private Path model;
  private String out = "";
  private String err = "";

  @BeforeEach
  void makeModel() throws IOException {
    model = folder.resolve("model");
    try (TextToText text = TinyText.model(0, 1)) {
      text.save(model);
    }
    TinyText.jsonl(folder.resolve("train.jsonl"), 12, 1);
  }

  @ParameterizedTest
  @EnumSource(TrainKey.class)
  void absurdValuesAreBadInputAndNameTheKey(TrainKey key) throws IOException {
    List<String> values = new ArrayList<>(List.of("NaN", "Infinity", "1e400", "true"));
    values.addAll(
        TEXTS.contains(key)
            ? List.of("3", "-1", "[3]", "\"no/such\"", "{\"no\": 3}")
            : List.of("\"x\"", "[]", "{}", "[1]"));
    if (!TEXTS.contains(key) && key != TrainKey.SEED) {
      values.addAll(List.of("-1", "-1e300", "1e31", "99999999999999999999999999999999"));
    }
    if (!TEXTS.contains(key) && !FRACTIONS.contains(key)) {
      values.addAll(List.of("1.5", "99999999999999999999", "1e300"));
    }
    if (Set.of(TrainKey.OUT, TrainKey.SOURCE_FIELD, TrainKey.TARGET_FIELD).contains(key)) {
      values.remove("\"no/such\""); // a folder like any other
    }
    if (Set.of(
            TrainKey.CHECKPOINTING,
            TrainKey.EMA,
            TrainKey.PACKED_ROWS,
            TrainKey.PACKING,
            TrainKey.AUTO_BATCH,
            TrainKey.TENSORBOARD)
        .contains(key)) {
      values.remove("true");
    }
    for (String value : values) {
      assertEquals(2, train(Map.of(key.key(), value)), key + " " + value + " " + err);
      assertEquals(1, err.lines().count(), err);
      assertFalse(err.contains("Exception") || err.contains("enable"), err);
      boolean json = Set.of("NaN", "Infinity", "1e400").contains(value) || value.length() > 19;
      assertTrue(json || err.contains(key.key()) || err.contains("no"), err);
    }
    assertFalse(Files.exists(folder.resolve("out")));
  }

  @Test
  void helpListsEveryKey() {
    assertEquals(0, run("train", "--help"));
    for (TrainKey key : TrainKey.values()) {
      assertTrue(out.contains("  " + key.key() + " "), key.key());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "lr,                          learning_rate",
    "learning-rate,               learning_rate",
    "epoch,                       epochs",
    "bs,                          batch_size",
    "max_length,                  max_source\" or \"max_target",
    "gradient_accumulation_steps, accumulation",
    "max_grad_norm,               clip",
    "warmup_steps,                warmup",
    "output_dir,                  out",
    "Batch_Size,                  batch_size",
    "optimzer,                    optimizer",
    "zzz,                         ''"
  })
  void anUnknownKeyNamesTheOneThatIsMeantOrNone(String key, String meant) throws IOException {
    assertEquals(2, train(Map.of(key, "1")));
    assertTrue(err.contains("unknown key \"" + key + "\""), err);
    assertEquals(!meant.isEmpty(), err.contains("did you mean \"" + meant + "\"?"), err);
  }

  @Test
  void dataWithoutRowsIsRefused() throws IOException {
    Path empty = Files.writeString(folder.resolve("empty.jsonl"), "\n\n");
    assertEquals(2, train(Map.of("validation", "\"" + empty + "\"")));
    assertTrue(err.contains("empty.jsonl holds no rows"), err);
    assertEquals(2, train(Map.of("train", "\"" + empty + "\"")));
    assertTrue(err.contains("empty.jsonl holds no rows"), err);
  }

  @Test
  void spansOfLongSourcesFitTheSentinelsOrAreRefusedAtTheStart() throws IOException {
    var settings = new TreeMap<String, String>();
    settings.put("objective", "\"span_corruption\"");
    settings.put("source_field", "\"question\"");
    settings.put("max_source", "2048");
    assertEquals(2, train(settings));
    assertTrue(err.contains("100 sentinels") && err.contains("mean_span) to 4"), err);
    assertFalse(Files.exists(folder.resolve("out")));
    settings.put("mean_span", "4");
    settings.put("noise_density", "0.2");
    assertEquals(2, train(settings));
    settings.put("noise_density", "0.15");
    assertEquals(0, train(settings), err);
    assertEquals(2, train(Map.of("mean_span", "4")));
    assertTrue(err.contains("span_corruption alone"), err);
  }

  private int train(Map<String, String> settings) throws IOException {
    var all = new TreeMap<String, String>();
    all.put("model", "\"" + model + "\"");
    all.put("train", "\"" + folder.resolve("train.jsonl") + "\"");
    all.put("out", "\"" + folder.resolve("out") + "\"");
    all.put("source_field", "\"question\"");
    all.put("target_field", "\"answer\"");
    all.put("steps", "1");
    if (settings.containsKey("config")) {
      all.remove("model");
      all.put("tokenizer", "\"" + model + "\"");
    }
    if (settings.containsKey("epochs")) {
      all.remove("steps");
    }
    if (settings.containsKey("noise_density") || settings.containsKey("mean_span")) {
      Optional.ofNullable(settings.get("objective")).ifPresent(o -> all.remove("target_field"));
    }
    all.putAll(settings);
    String json =
        all.entrySet().stream()
            .map(entry -> "\"" + entry.getKey() + "\": " + entry.getValue())
            .collect(Collectors.joining(", ", "{", "}"));
    return run("train", "--config", Files.writeString(folder.resolve("c.json"), json).toString());
  }

  private int run(String... arguments) {
    var output = new StringWriter();
    var errors = new StringWriter();
    int code =
        Main.commands()
            .setOut(new PrintWriter(output))
            .setErr(new PrintWriter(errors))
            .execute(arguments);
    out = output.toString();
    err = errors.toString();
    return code;
  }
}
