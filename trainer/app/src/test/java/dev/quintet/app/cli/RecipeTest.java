package dev.quintet.app.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.app.recipe.Recipe;
import dev.quintet.models.json.JsonObject;
import dev.quintet.trainer.data.Sample;
import dev.quintet.trainer.evaluate.Answerer;
import dev.quintet.trainer.evaluate.Baselines;
import dev.quintet.trainer.evaluate.Prediction;
import dev.quintet.trainer.evaluate.Predictions;
import dev.quintet.trainer.evaluate.Reply;
import dev.quintet.trainer.metric.Answered;
import dev.quintet.trainer.metric.Measured;
import dev.quintet.trainer.metric.Metric;
import dev.quintet.trainer.score.Metrics;
import dev.quintet.trainer.statistics.Bootstrap;
import dev.quintet.trainer.statistics.Resamples;
import dev.quintet.trainer.statistics.SamplingUnits;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class RecipeTest {
  private static final List<String> QUICK = List.of("method-names", "tags", "closed-book");

  @TempDir Path folder;

  private String out = "";
  private String err = "";

  @ParameterizedTest
  @ValueSource(strings = {"method-names", "tags", "closed-book"})
  void aRecipeBeatsEveryBaselineOnRowsOfItsOwn(String name) throws IOException {
    beatsBaselines(name);
  }

  static Stream<String> slower() {
    return Recipe.NAMES.stream().filter(name -> !QUICK.contains(name));
  }

  @Tag("slow")
  @ParameterizedTest
  @MethodSource("slower")
  void theOtherRecipesDoSoToo(String name) throws IOException {
    beatsBaselines(name);
  }

  private void beatsBaselines(String name) throws IOException {
    Path run = folder.resolve(name);
    assertEquals(0, run("train", "--recipe", name, "--out", run.toString()), err);

    JsonObject settings = Recipe.named(name).settings();
    String score = settings.required("select", JsonObject::string);
    Metric metric =
        Metrics.of(
                settings
                    .required("evaluate", JsonObject::object)
                    .required("metrics", JsonObject::list))
            .getFirst();
    int place = metric.names().indexOf(score);
    List<Prediction> predictions = Predictions.read(run.resolve("predictions-test.jsonl"));
    assertTrue(predictions.size() >= 200, () -> name + " is tried on " + predictions.size());
    var interval =
        Bootstrap.of(
                SamplingUnits.rows(
                    metric.measure(predictions.stream().map(Prediction::answered).toList())),
                Resamples.seeded(predictions.size(), 1000, 0))
            .get(place)
            .percentile(0.95);
    List<Sample> test = predictions.stream().map(Prediction::sample).toList();
    for (Map.Entry<String, Answerer> baseline : Baselines.all(learned(name, run)).entrySet()) {
      double other = score(metric, place, test, baseline.getValue());
      assertTrue(
          interval.low() > other,
          () ->
              "%s: %s %s against %.3f of %s"
                  .formatted(name, score, interval, other, baseline.getKey()));
    }
  }

  private static double score(Metric metric, int place, List<Sample> test, Answerer answerer) {
    List<Reply> replies = answerer.answer(test.stream().map(Sample::source).toList());
    var answered = new ArrayList<Answered>();
    for (int i = 0; i < test.size(); i++) {
      answered.add(new Answered(replies.get(i).text(), test.get(i).answers()));
    }
    Measured measured = metric.measure(answered);
    return measured.scores()[place];
  }

  private static List<Sample> learned(String name, Path run) throws IOException {
    var asked = JsonObject.of("the test", Map.of("out", run.toString()));
    JsonObject settings = RecipeSettings.of(asked, name, false).resolved();
    JsonObject data = settings.required("data", JsonObject::object);
    var how = new PreparationSettings(data, "source", "target");
    return how.preparation()
        .run(PreparationSettings.parts(settings, how))
        .splits()
        .train()
        .samples();
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

  @Test
  void aRecipeIsPrintedAsSettingsWhichTrainTakes() {
    for (String name : Recipe.NAMES) {
      assertEquals(
          0, run("recipes", "--print", name, "--rows", folder.resolve(name).toString()), err);
      TrainSettings.of(JsonObject.parse(name, out));
    }
    assertEquals(2, run("recipes", "qq"));
    assertTrue(err.contains("method-names"), err);
  }

  @Test
  void rowsOfItsOwnAreMadeOnceAndNotInPlaceOfOthers() throws IOException {
    Path rows = folder.resolve("rows");
    assertEquals(0, run("recipes", "--print", "qa", "--rows", rows.toString()), err);
    byte[] first = Files.readAllBytes(rows.resolve("train.jsonl"));
    assertEquals(0, run("recipes", "--print", "qa", "--rows", rows.toString()), err);
    assertTrue(Arrays.equals(first, Files.readAllBytes(rows.resolve("train.jsonl"))));
    assertEquals(2, run("recipes", "--print", "tags", "--rows", rows.toString()));
    assertTrue(err.contains("choose another folder"), err);
  }

  @Test
  void whoNamesModelOrDataGetsTheRecipesSettingsAlone() {
    assertEquals(
        2,
        run(
            "train",
            "--recipe",
            "tags",
            "--out",
            folder.resolve("run").toString(),
            "--set",
            "train=" + folder.resolve("none.jsonl")));
    assertTrue(err.contains("\"model\""), err);
    assertTrue(Files.notExists(folder.resolve("run")));
    assertEquals(2, run("train"));
    assertTrue(err.contains("--recipe"), err);
  }
}
