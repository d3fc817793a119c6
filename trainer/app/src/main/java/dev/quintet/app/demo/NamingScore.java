package dev.quintet.app.demo;

import dev.quintet.models.text.TextToText;
import dev.quintet.trainer.metric.NameScores;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
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
    // the neighbours take about as long as the names
    long parts = 2L * test.size();
    List<String> guesses =
        MethodNamer.ofNames(model).name(sources, done -> listener.progress(done, parts));
    var constant = ConstantGuess.learn(train.stream().map(MethodExample::target).toList());
    List<NearestNeighbour.Match> matches =
        NearestNeighbour.index(train.stream().map(MethodExample::source).toList())
            .nearest(sources, threads, done -> listener.progress(test.size() + done, parts));
    List<String> neighbours = matches.stream().map(m -> train.get(m.index()).target()).toList();

    ObjectNode result = DemoFolder.object();
    var named = GroupedScores.of(test, guesses);
    var nearest = GroupedScores.of(test, neighbours);
    named.put(result.putObject("model"));
    NameScores always = constant.score(actual);
    result
        .putObject("constant_guess")
        .put("exact_match", always.exactMatch())
        .put("precision", always.precision())
        .put("recall", always.recall())
        .put("f1", always.f1());
    result.put("constant_words", constant.guess());
    nearest.put(result.putObject("nearest_neighbour"));
    named.putLead(result.putObject("ahead_of_neighbour"), nearest);
    List<Integer> far =
        IntStream.range(0, test.size())
            .filter(i -> matches.get(i).similarity() < NEAR)
            .boxed()
            .toList();
    ObjectNode alone = result.putObject("without_near_neighbour");
    GroupedScores.of(pick(test, far), pick(guesses, far)).put(alone.putObject("model"));
    GroupedScores.of(pick(test, far), pick(neighbours, far))
        .put(alone.putObject("nearest_neighbour"));
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

  private static <T> List<T> pick(List<T> all, List<Integer> places) {
    return places.stream().map(all::get).toList();
  }
}
