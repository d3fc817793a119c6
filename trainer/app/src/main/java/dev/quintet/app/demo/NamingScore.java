package dev.quintet.app.demo;

import dev.quintet.models.text.TextToText;
import dev.quintet.trainer.evaluate.NearestNeighbour;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/// The model's names of unseen methods beside what its rivals say.
final class NamingScore {
  private static final double NEAR = 0.8;
  private static final int EXAMPLES = 10;

  private NamingScore() {}

  /// Scores of model, constant guess and nearest neighbour, on all methods and on those without a near
  /// neighbour, and some examples.
  static Map<String, Object> of(
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

    var result = new LinkedHashMap<String, Object>();
    var named = GroupedScores.of(test, guesses);
    var nearest = GroupedScores.of(test, neighbours);
    result.put("model", named.json());
    result.put("constant_guess", GroupedScores.json(constant.score(actual)));
    result.put("constant_words", constant.guess());
    result.put("nearest_neighbour", nearest.json());
    result.put("ahead_of_neighbour", named.lead(nearest));
    List<Integer> far =
        IntStream.range(0, test.size())
            .filter(i -> matches.get(i).similarity() < NEAR)
            .boxed()
            .toList();
    var alone = new LinkedHashMap<String, Object>();
    alone.put("model", GroupedScores.of(pick(test, far), pick(guesses, far)).json());
    alone.put("nearest_neighbour", GroupedScores.of(pick(test, far), pick(neighbours, far)).json());
    result.put("without_near_neighbour", alone);
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
