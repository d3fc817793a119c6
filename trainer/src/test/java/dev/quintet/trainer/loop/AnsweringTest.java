package dev.quintet.trainer.loop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.core.nn.Pass;
import dev.quintet.core.shape.Device;
import dev.quintet.core.tensor.Scope;
import dev.quintet.models.generate.GenerationConfig;
import dev.quintet.models.generate.Generator;
import dev.quintet.models.text.TextToText;
import dev.quintet.trainer.TinyText;
import dev.quintet.trainer.data.Batch;
import dev.quintet.trainer.data.Example;
import dev.quintet.trainer.data.Pairs;
import dev.quintet.trainer.data.Sample;
import dev.quintet.trainer.data.TextPair;
import dev.quintet.trainer.data.Windows;
import dev.quintet.trainer.evaluate.GeneratedAnswers;
import dev.quintet.trainer.evaluate.Prediction;
import dev.quintet.trainer.evaluate.Predictions;
import dev.quintet.trainer.evaluate.Reply;
import dev.quintet.trainer.evaluate.Scored;
import dev.quintet.trainer.head.HeadKind;
import dev.quintet.trainer.head.TaskModel;
import dev.quintet.trainer.metric.ExactMatch;
import dev.quintet.trainer.metric.NameMetric;
import dev.quintet.trainer.optim.Ema;
import dev.quintet.trainer.prepare.SampleForm;
import dev.quintet.trainer.rows.Row;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AnsweringTest {
  @TempDir Path folder;

  @Test
  void evaluationsChangeNoBitOfTheTraining() throws IOException {
    Path often = folder.resolve("often");
    Path never = folder.resolve("never");
    answering(often).evaluateEvery(1).run(often);
    trainer(TinyText.model(0.1f, 1)).data(TinyText.pairs(40, 1), Pairs.of(List.of())).run(never);
    assertEquals(losses(never), losses(often));
    assertEquals(weights(never), weights(often));
  }

  @Test
  void gradientCheckpointingChangesNoBitOfTheTraining() throws IOException {
    Path with = folder.resolve("with");
    Path without = folder.resolve("without");
    for (Path out : List.of(with, without)) {
      trainer(TinyText.model(0.1f, 1))
          .data(TinyText.pairs(40, 1), TinyText.pairs(9, 2))
          .checkpointing(out.equals(with))
          .run(out);
    }
    assertEquals(losses(without), losses(with));
    assertEquals(weights(without), weights(with));
  }

  @Test
  void ofSeveralWindowsTheLikeliestAnswerCounts() {
    SampleForm form = SampleForm.of("say {text} now", "answer").withCut("text");
    var samples = new ArrayList<Sample>();
    for (int i = 0; i < 6; i++) {
      String text =
          TinyText.pairs(8, i).list().stream().map(TextPair::source).reduce("", (a, b) -> a + b);
      samples.add(form.sample(Row.of(Map.of("text", i == 2 ? "short" : text, "answer", "one"))));
    }
    try (TextToText model = TinyText.model(0, 7)) {
      GenerationConfig options = model.generation().withMaxNewTokens(3);
      var windows = new Windows(model.tokenizer(), 20, OptionalInt.of(4)).of(samples, 1);
      var by = new GeneratedAnswers(model, options, 20, 4);
      var best = new ArrayList<String>();
      for (List<Sample> own : windows) {
        double most = Double.NEGATIVE_INFINITY;
        String answer = "";
        for (Sample window : own) {
          double score = score(model, options, window.source());
          Reply reply = by.scored(List.of(window.source())).getFirst();
          assertEquals(score, reply.score(), 1e-4);
          answer = score > most ? reply.text() : answer;
          most = Math.max(score, most);
        }
        best.add(answer);
      }
      Trainer trainer = Trainer.of(model).maxLengths(20, 3).answers(options).windows(4);
      assertEquals(
          best, trainer.predict(Pairs.ofSamples(samples)).stream().map(Reply::text).toList());
      Scored scored = trainer.metrics(new ExactMatch("same")).evaluate(Pairs.ofSamples(samples));
      assertEquals(best, scored.predictions().stream().map(one -> one.reply().text()).toList());
      assertEquals(samples.get(0), scored.predictions().getFirst().sample());
    }
  }

  /// The mean log-probability of what a model generates, by its loss.
  private static double score(TextToText model, GenerationConfig options, String source) {
    int[] ids = model.tokenizer().encode(source).ids();
    int[] mask = new int[ids.length];
    java.util.Arrays.fill(mask, 1);
    int[] answer =
        Generator.of(model.model()).generate(new int[][] {ids}, new int[][] {mask}, options)[0];
    Example example = new Example(ids, java.util.Arrays.copyOfRange(answer, 1, answer.length));
    try (var _ = Scope.openWithoutGradients(Device.cpu())) {
      Batch batch = Batch.of(List.of(example), 0, -1);
      return -new T5Learner(model).loss(batch, Pass.inference(), 0).item();
    }
  }

  private static List<String> losses(Path out) throws IOException {
    return Files.readAllLines(out.resolve("log.jsonl")).stream()
        .filter(line -> line.contains("\"rate\""))
        .map(line -> line.replaceAll(", \"seconds.*", ""))
        .toList();
  }

  private static int weights(Path out) throws IOException {
    return java.util.Arrays.hashCode(Files.readAllBytes(out.resolve("last/model.safetensors")));
  }

  @Test
  void theTestPartIsScoredOnceByTheBestModelAlsoWhereTheRunIsStoppedAndResumed()
      throws IOException {
    Path alone = folder.resolve("alone");
    TrainingResult result = answering(alone).run(alone);
    Tested tested = result.test().orElseThrow();
    assertEquals(1, tested.looks());
    assertEquals(result.bestStep(), tested.step());
    assertEquals(7, tested.rows());
    // the best model in its folder says the same
    try (TextToText best = TextToText.load(alone.resolve("best"))) {
      Scored scored =
          Trainer.of(best)
              .maxLengths(512, 8)
              .metrics(new NameMetric(), new ExactMatch("same"))
              .evaluate(TinyText.pairs(7, 3));
      assertEquals(tested.scores(), scored.scores());
      assertEquals(tested.loss(), scored.loss(), 1e-6);
    }
    for (int again = 0; again < 2; again++) {
      assertEquals(1, answering(alone).resume().run(alone).test().orElseThrow().looks());
    }
    assertEquals(1, tests(alone));
    Path stopped = folder.resolve("stopped");
    var steps = new long[1];
    for (long stop : List.of(3L, 4L, 100L)) {
      answering(stopped)
          .resume()
          .listener(
              new TrainingListener() {
                @Override
                public void stepped(StepReport report) {
                  steps[0] = report.step();
                }
              })
          .stopWhen(() -> steps[0] == stop)
          .run(stopped);
    }
    assertEquals(1, tests(stopped));
    assertEquals(results(alone), results(stopped));
    assertEquals(2, answering(alone).steps(8).resume().run(alone).test().orElseThrow().looks());
  }

  private static long tests(Path out) throws IOException {
    return Files.readAllLines(out.resolve("log.jsonl")).stream()
        .filter(line -> line.contains("test_loss"))
        .count();
  }

  /// All that does not hold times or how often was saved.
  private static Map<String, Integer> results(Path out) throws IOException {
    var files = new TreeMap<>(TinyText.bytes(out));
    files
        .keySet()
        .removeIf(name -> name.startsWith("checkpoints") && !name.startsWith("checkpoints/step-6"));
    assertTrue(files.containsKey("predictions-6.jsonl"), files.keySet().toString());
    assertTrue(files.containsKey("predictions-test.jsonl"), files.keySet().toString());
    return files;
  }

  @Test
  void predictionsAreWrittenWithTheirOwnScoresOfTheSameFewRows() {
    Path out = folder.resolve("out");
    answering(out).examples(5).run(out);
    List<Prediction> first = Predictions.read(out.resolve("predictions-0.jsonl"));
    List<Prediction> last = Predictions.read(out.resolve("predictions-6.jsonl"));
    assertEquals(5, first.size());
    assertEquals(ids(first), ids(last));
    for (Prediction prediction : last) {
      assertEquals(
          List.of("f1", "precision", "recall", "exact", "same").size(), prediction.scores().size());
      assertTrue(prediction.loss() > 0 && prediction.reply().tokens() <= 8, "" + prediction);
      assertTrue(prediction.reply().cutOff() || prediction.reply().tokens() <= 8);
    }
    assertEquals(7, Predictions.read(out.resolve("predictions-test.jsonl")).size());
  }

  private static List<String> ids(List<Prediction> predictions) {
    return predictions.stream().map(one -> one.sample().id()).toList();
  }

  @Test
  void theBestModelIsChosenByAnyScoreAndAnUnknownOneIsRefused() {
    Path out = folder.resolve("out");
    TrainingResult result = answering(out).select("recall").run(out);
    double best =
        result.validation().stream()
            .mapToDouble(one -> one.scores().getOrDefault("recall", 0.0))
            .max()
            .orElseThrow();
    long step =
        result.validation().stream()
            .filter(one -> one.scores().getOrDefault("recall", 0.0) == best)
            .findFirst()
            .orElseThrow()
            .step();
    assertEquals(step, result.bestStep());
    Trainer unknown = answering(out).select("rougeX");
    var e = assertThrows(IllegalArgumentException.class, () -> unknown.run(folder.resolve("x")));
    assertTrue(e.getMessage().contains("loss, f1, precision"), e.getMessage());
    assertThrows(
        IllegalArgumentException.class,
        () -> answering(out).metrics(new NameMetric(), new ExactMatch("f1")));
  }

  @Test
  void theAverageOfTheWeightsHasItsLossBesideTheScoresOfTheAnswers() {
    TrainingResult result =
        answering(folder).steps(2).ema(Ema.Options.DEFAULT).run(folder.resolve("out"));
    for (TrainingResult.Validation one : result.validation()) {
      assertTrue(one.scores().keySet().containsAll(List.of("f1", "same", "ema_loss")), "" + one);
    }
  }

  @Test
  void rankedAnswersAreThoseWithTheHighestMeanLogProbability() {
    List<String> labels = List.of("red", "green one", "blue");
    Pairs pairs = TinyText.pairs(3, 1);
    try (TextToText text = TinyText.model(0, 1)) {
      Trainer trainer = Trainer.of(text).metrics(new ExactMatch("exact")).rank(labels);
      Scored ranked = trainer.evaluate(pairs);
      for (Prediction prediction : ranked.predictions()) {
        double[] losses = new double[labels.size()];
        for (int i = 0; i < losses.length; i++) {
          Pairs one =
              Pairs.ofSamples(
                  List.of(new Sample("1", prediction.sample().source(), List.of(labels.get(i)))));
          losses[i] = Trainer.of(text).evaluate(one).loss();
        }
        int best = IntStream.range(0, 3).reduce(0, (a, b) -> losses[b] < losses[a] ? b : a);
        assertEquals(labels.get(best), prediction.reply().text());
      }
    }
  }

  @Test
  void aForwardThatFindsNoMemoryIsHalvedAndTheStepTakenAgain() throws IOException {
    var refused = new ArrayList<Integer>();
    for (boolean auto : List.of(true, false)) {
      try (TextToText text = TinyText.model(0, 1)) {
        Learner narrow =
            new Learner() {
              private final Learner own = new T5Learner(text);

              @Override
              public dev.quintet.core.nn.Module module() {
                return own.module();
              }

              @Override
              public dev.quintet.core.tensor.Tensor loss(
                  dev.quintet.trainer.data.Batch batch,
                  dev.quintet.core.nn.Pass pass,
                  double normalizer) {
                if (pass.training() && batch.rows() > 2) {
                  refused.add(batch.rows());
                  throw new OutOfMemoryError("a forward of " + batch.rows());
                }
                return own.loss(batch, pass, normalizer);
              }

              @Override
              public void save(Path to) {
                own.save(to);
              }
            };
        TrainingPlan plan =
            TrainingPlan.of(3, 8, dev.quintet.trainer.schedule.LearningRate.constant(0.01), 1)
                .withPad(text.model().config().padId())
                .withAutoBatch(auto);
        var examples =
            dev.quintet.trainer.data.Examples.of(
                TinyText.pairs(16, 1).encode(text.tokenizer(), 32, 32, 1));
        Path out = folder.resolve("auto" + auto);
        var loop =
            new TrainingLoop(
                narrow,
                plan,
                examples,
                dev.quintet.trainer.data.Examples.of(List.of()),
                RunFolders.in(out),
                List.of(),
                () -> false);
        if (!auto) {
          assertThrows(OutOfMemoryError.class, () -> loop.run(false));
          continue;
        }
        assertEquals(3, loop.run(false).steps());
        assertEquals(List.of(8, 4), refused);
        String state = Files.readString(out.resolve("checkpoints/step-3/state.json"));
        assertTrue(state.contains("\"forwards\": 4"), state);
      }
    }
  }

  @Test
  void aClassIsLearnedByAHeadSavedAndLoadedAgain() {
    Pairs pairs = classes(60, 1);
    Path out = folder.resolve("out");
    TrainingResult result =
        Trainer.of(TinyText.model(0, 1))
            .head(HeadKind.CLASSIFY, List.of())
            .data(pairs, classes(20, 2))
            .metrics(new ExactMatch("accuracy"))
            .select("accuracy")
            .steps(60)
            .learningRate(0.01)
            .run(out);
    double accuracy = result.validation().getLast().scores().getOrDefault("accuracy", 0.0);
    assertTrue(accuracy >= 0.9, result.validation().toString());
    try (TaskModel best = TaskModel.load(out.resolve("best"), Device.cpu())) {
      assertEquals(List.of("blue", "green", "red"), best.labels());
      Scored scored =
          Trainer.ofHead(best).metrics(new ExactMatch("accuracy")).evaluate(classes(20, 2));
      assertTrue(scored.scores().getOrDefault("accuracy", 0.0) >= accuracy);
      assertEquals("red", best.predict(List.of("one red two")).getFirst());
    }
  }

  private static Pairs classes(int count, long seed) {
    List<String> colours = List.of("red", "green", "blue");
    return Pairs.ofSamples(
        IntStream.range(0, count)
            .mapToObj(i -> {
              String colour = colours.get((int) ((i * 7 + seed) % 3));
              List<String> words = List.of("one", "two", "left", "up");
              String source =
                  words.get(i % 4) + " " + colour + " " + words.get((int) ((i / 4 + seed) % 4));
              return new Sample(String.valueOf(i), source, List.of(colour));
            })
            .toList());
  }

  @Test
  void labelsOfWordsAndSpansAreLearnedByHeads() {
    Pairs tagged =
        Pairs.ofSamples(
            TinyText.pairs(60, 1).samples().stream()
                .map(one ->
                    new Sample(
                        one.id(),
                        one.source(),
                        List.of(
                            one.source()
                                .replaceAll("\\b(red|green|blue)\\b", "C")
                                .replaceAll("\\b[a-z]+\\b", "O"))))
                .toList());
    assertTrue(learned(HeadKind.TOKENS, tagged, "tokens") >= 0.9);
    Pairs spans =
        Pairs.ofSamples(
            classes(60, 1).samples().stream()
                .map(one -> new Sample(one.id(), one.source(), one.answers()))
                .toList());
    assertTrue(learned(HeadKind.SPANS, spans, "spans") >= 0.9);
  }

  private double learned(HeadKind kind, Pairs pairs, String name) {
    TrainingResult result =
        Trainer.of(TinyText.model(0, 1))
            .head(kind, List.of())
            .data(pairs, pairs)
            .metrics(new ExactMatch("exact"))
            .steps(100)
            .learningRate(0.01)
            .evaluateEvery(100)
            .run(folder.resolve(name));
    Path best = folder.resolve(name).resolve("best");
    try (TaskModel loaded = TaskModel.load(best, Device.cpu())) {
      List<String> sources = pairs.samples().stream().map(Sample::source).limit(3).toList();
      assertEquals(3, loaded.predict(sources).size());
      assertFalse(loaded.predict(sources).getFirst().isEmpty());
    }
    return result.validation().getLast().scores().getOrDefault("exact", 0.0);
  }

  private static Trainer answering(Path out) {
    assertFalse(out.toString().isEmpty());
    return trainer(TinyText.model(0.1f, 1))
        .test(TinyText.pairs(7, 3))
        .metrics(new NameMetric(), new ExactMatch("same"));
  }

  private static Trainer trainer(TextToText text) {
    return Trainer.of(text)
        .data(TinyText.pairs(40, 1), TinyText.pairs(9, 2))
        .maxLengths(512, 8)
        .steps(6)
        .evaluateEvery(2)
        .saveEvery(2)
        .learningRate(0.01)
        .seed(1);
  }
}
