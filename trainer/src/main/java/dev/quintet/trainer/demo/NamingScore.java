package dev.quintet.trainer.demo;

import dev.quintet.models.text.TextToText;
import dev.quintet.trainer.metric.NameScores;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/// The model's names of unseen methods beside what its rivals say.
final class NamingScore {
  private static final double NEAR = 0.8;
  private static final int EXAMPLES = 10;

  private NamingScore() {}

  /// Scores of model, constant guess and nearest neighbour, on all methods and on those without a near
  /// neighbour, and some examples.
  static ObjectNode of(
      TextToText model,
      List<MethodExample> train,
      List<MethodExample> test,
      int threads,
      DemoListener listener) {
    List<String> actual = test.stream().map(MethodExample::target).toList();
    List<String> sources = test.stream().map(MethodExample::source).toList();
    List<String> guesses =
        new MethodNamer(model).name(sources, done -> listener.progress(done, test.size()));
    var constant = ConstantGuess.learn(train.stream().map(MethodExample::target).toList());
    List<NearestNeighbour.Match> matches =
        NearestNeighbour.index(train.stream().map(MethodExample::source).toList())
            .nearest(sources, threads);
    List<String> neighbours = matches.stream().map(m -> train.get(m.index()).target()).toList();

    ObjectNode result = DemoFolder.object();
    put(result.putObject("model"), NameScores.of(actual, guesses));
    put(result.putObject("constant_guess"), constant.score(actual));
    result.put("constant_words", constant.guess());
    put(result.putObject("nearest_neighbour"), NameScores.of(actual, neighbours));
    NameScores modelAlone = NameScores.NONE;
    NameScores neighbourAlone = NameScores.NONE;
    for (int i = 0; i < test.size(); i++) {
      if (matches.get(i).similarity() < NEAR) {
        modelAlone = modelAlone.plus(actual.get(i), guesses.get(i));
        neighbourAlone = neighbourAlone.plus(actual.get(i), neighbours.get(i));
      }
    }
    ObjectNode alone = result.putObject("without_near_neighbour");
    put(alone.putObject("model"), modelAlone);
    put(alone.putObject("nearest_neighbour"), neighbourAlone);
    result.put("examples_table", examples(test, guesses, neighbours));
    return result;
  }

  /// Methods spread evenly over the test classes.
  private static String examples(
      List<MethodExample> test, List<String> guesses, List<String> neighbours) {
    var rows = new ArrayList<ExampleTable.Row>();
    int count = Math.min(EXAMPLES, test.size());
    for (int i = 0; i < count; i++) {
      int at = (int) ((2L * i + 1) * test.size() / (2L * count));
      rows.add(ExampleTable.Row.of(test.get(at), guesses.get(at), neighbours.get(at)));
    }
    return new ExampleTable(rows).render();
  }

  private static void put(ObjectNode json, NameScores scores) {
    json.put("examples", scores.examples());
    json.put("exact_match", scores.exactMatch());
    json.put("precision", scores.precision());
    json.put("recall", scores.recall());
    json.put("f1", scores.f1());
  }
}
