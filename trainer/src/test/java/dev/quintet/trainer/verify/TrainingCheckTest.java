package dev.quintet.trainer.verify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.core.io.SafetensorsFile;
import dev.quintet.core.io.SafetensorsWriter;
import dev.quintet.core.io.TensorData;
import dev.quintet.core.shape.DType;
import dev.quintet.core.shape.Device;
import dev.quintet.models.json.JsonObject;
import dev.quintet.models.verify.Comparison;
import dev.quintet.models.verify.Golden;
import dev.quintet.models.verify.Outcome;
import dev.quintet.models.verify.Verification;
import dev.quintet.trainer.GoldenFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TrainingCheckTest {
  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"t5-v1.0", "t5-v1.1"})
  void trajectoriesAreTheRecordedOnes(String name) throws IOException {
    GoldenFolder.copy(name, folder);
    List<Comparison> rows = new TrainingCheck().run(new Golden(folder, Device.cpu()));
    rows.forEach(row -> assertEquals(Outcome.PASS, row.outcome(), row.toString()));
    assertEquals(10, rows.size());
    assertTrue(rows.stream().anyMatch(row -> row.quantity().endsWith("frozen, unchanged")));
    assertEquals(4, rows.stream().filter(row -> row.quantity().contains("adafactor")).count());
  }

  @Test
  void namesWhatItCannotFollow() throws IOException {
    GoldenFolder.copy("t5-v1.0", folder);
    Files.writeString(
        folder.resolve("training.json"),
        """
        {"lion": {"lr": 1e-3, "losses": []},
         "adamw_cyclic": {"lr": 1e-3, "schedule": "triangles", "losses": []},
         "adamw_odd": {"lr": 1e-3, "amsgrad": true, "losses": []}}
        """);
    List<Comparison> rows = new TrainingCheck().run(new Golden(folder, Device.cpu()));
    assertEquals(
        List.of(
            "training adamw_cyclic: the schedule triangles",
            "training adamw_odd: amsgrad",
            "training lion: the optimizer"),
        rows.stream().map(Comparison::quantity).toList());
    rows.forEach(row -> assertEquals(Outcome.UNSUPPORTED, row.outcome()));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "adamw: \"lr\": 0.003 -> \"lr\": 0.00301",
        "adamw: \"weight_decay\": 0.1 -> \"weight_decay\": 0.09",
        "adamw: \"clip_grad_norm\": 1.0 -> \"clip_grad_norm\": 100.0",
        "adamw: 6.319788932800293 -> 6.3199",
        "adamw: \"eps\": 1e-08 -> \"eps\": 1e-06",
        "adamw: \"relative_attention_bias\" -> \"nothing\"",
        "adafactor_trainer: \"scale_parameter\": false -> \"scale_parameter\": true",
        "adafactor_trainer: \"decay_rate\": -0.8 -> \"decay_rate\": -0.7",
        "adafactor_relative: \"warmup_init\": true -> \"warmup_init\": false"
      })
  void aTrajectoryOfOtherSettingsFails(String change) throws IOException {
    GoldenFolder.copy("t5-v1.0", folder);
    Path file = folder.resolve("training.json");
    String text = Files.readString(file);
    String[] words = change.split(": | -> ", 2);
    String[] both = words[1].split(" -> ");
    assertTrue(text.contains(both[0]), both[0]);
    Files.writeString(file, text.replace(both[0], both[1]));
    JsonObject one = JsonObject.read(file).object(words[0]).orElseThrow();
    Files.writeString(file, JsonObject.of(Map.of(words[0], one)).toString());
    assertTrue(
        new TrainingCheck()
            .run(new Golden(folder, Device.cpu())).stream()
                .anyMatch(row -> row.outcome() == Outcome.FAIL));
  }

  @Test
  void aFolderThatLostATrainingsTensorsFails() throws IOException {
    GoldenFolder.copy("t5-v1.0", folder);
    Files.delete(folder.resolve("training.safetensors"));
    var verification = Verification.of(folder, Device.cpu(), List.of(new TrainingCheck()));
    assertFalse(verification.passed());
    assertEquals(1, verification.count(Outcome.FAIL));
    assertTrue(
        verification.table().contains("training.json without training.safetensors"),
        verification::table);
  }

  @Test
  void aTrainingWithoutFinalParametersIsComparedAndSaysWhatWasNot() throws IOException {
    twoSteps(name -> name.startsWith("batch."));
    var verification = Verification.of(folder, Device.cpu(), List.of(new TrainingCheck()));
    assertTrue(verification.passed(), verification::table);
    assertEquals(
        List.of("training adamw_frozen: 47 final parameters"),
        verification.rows().stream()
            .filter(row -> row.outcome() == Outcome.NOT_RECORDED)
            .map(Comparison::quantity)
            .toList());
    assertTrue(
        verification.table().contains(" 0 failed, 0 not supported yet, 1 not recorded"),
        verification::table);
  }

  @Test
  void aFinalParameterThatIsMissingAmongOthersFails() throws IOException {
    String lost = "adamw_frozen.shared.weight";
    twoSteps(name -> !name.equals(lost));
    var verification = Verification.of(folder, Device.cpu(), List.of(new TrainingCheck()));
    assertFalse(verification.passed());
    assertTrue(
        verification
            .table()
            .contains(
                "1 of 47 final parameters are not in training.safetensors, the first: shared"),
        verification::table);
  }

  @Test
  void aTrainingWithoutLossesOrBatchesPassesNothing() throws IOException {
    twoSteps(name -> name.startsWith("batch."));
    Path settings = folder.resolve("training.json");
    Files.writeString(settings, "{\"adamw\": {\"lr\": 1e-3, \"losses\": []}}");
    var verification = Verification.of(folder, Device.cpu(), List.of(new TrainingCheck()));
    assertFalse(verification.passed());
    assertEquals(1, verification.count(Outcome.NOT_RECORDED), verification::table);
    Files.writeString(
        settings, "{\"adamw\": {\"lr\": 1e-3, \"losses\": [6.0], \"grad_norms\": [1, 2]}}");
    var golden = new Golden(folder, Device.cpu());
    String norms =
        assertThrows(IllegalArgumentException.class, () -> new TrainingCheck().run(golden))
            .getMessage();
    assertTrue(norms.contains("one for each of 1 losses"), norms);
    twoSteps(name -> name.startsWith("adamw_frozen."));
    String batches =
        assertThrows(IllegalArgumentException.class, () -> new TrainingCheck().run(golden))
            .getMessage();
    assertTrue(batches.contains("lacks batch.0.input_ids"), batches);
  }

  @Test
  void whereADeviceTakesNoStepsDownThatIsSaid() throws IOException {
    twoSteps(name -> name.startsWith("batch."));
    List<Comparison> rows = new GraphCheck(DType.F32, 1, 2).run(new Golden(folder, Device.cpu()));
    assertEquals(
        List.of(
            Comparison.unsupported(
                "training adamw_frozen as a graph, f32: this device takes no step down")),
        rows);
  }

  /// The first two steps of one training, with some of the recorded tensors.
  private void twoSteps(Predicate<String> kept) throws IOException {
    Path model = folder.resolve("config.json");
    if (!Files.exists(model)) {
      GoldenFolder.copy("t5-v1.0", folder);
    }
    Path all = Files.createTempDirectory(folder, "all");
    GoldenFolder.copy("t5-v1.0", all);
    JsonObject one =
        JsonObject.read(all.resolve("training.json")).object("adamw_frozen").orElseThrow();
    var cut = new LinkedHashMap<String, Object>();
    one.keys().forEach(key -> cut.put(key, one.value(key).orElseThrow()));
    cut.put("losses", one.list("losses").orElseThrow().subList(0, 2));
    Files.writeString(
        folder.resolve("training.json"), JsonObject.of(Map.of("adamw_frozen", cut)).toString());
    try (var file = SafetensorsFile.open(all.resolve("training.safetensors"))) {
      var tensors = new TreeMap<String, TensorData>();
      file.names().stream()
          .filter(kept)
          .forEach(name -> {
            var entry = file.entry(name);
            tensors.put(name, new TensorData(entry.type(), entry.shape(), file.segment(name)));
          });
      SafetensorsWriter.write(folder.resolve("training.safetensors"), tensors);
    }
  }
}
