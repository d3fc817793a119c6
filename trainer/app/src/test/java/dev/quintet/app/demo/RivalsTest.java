package dev.quintet.app.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.trainer.data.TextPair;
import dev.quintet.trainer.evaluate.NearestNeighbour;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RivalsTest {
  private static List<String> texts(Random random, int count) {
    var texts = new ArrayList<String>();
    for (int i = 0; i < count; i++) {
      var words = new ArrayList<String>();
      for (int w = 0; w < 1 + random.nextInt(12); w++) {
        words.add("w" + (int) Math.abs(random.nextGaussian() * 15));
      }
      texts.add(String.join(" ", words));
    }
    return texts;
  }

  /// The definition, term by term: weights of a text's words, scaled to length 1.
  private static Map<String, Double> vector(String text, Map<String, Integer> df, int texts) {
    var vector = new HashMap<String, Double>();
    for (String term : text.split(" ")) {
      if (df.containsKey(term)) {
        vector.merge(term, 1.0, Double::sum);
      }
    }
    vector.replaceAll((term, count) ->
        (1 + Math.log(count)) * (1 + Math.log((1.0 + texts) / (1 + df.get(term)))));
    double length = Math.sqrt(vector.values().stream().mapToDouble(w -> w * w).sum());
    vector.replaceAll((term, weight) -> weight / length);
    return vector;
  }

  @Test
  void findsWhatComparingWithEveryTextFinds() {
    long seed = Long.getLong("seed", 20261);
    System.out.println("seed " + seed);
    var random = new Random(seed);
    var texts = texts(random, 300);
    var queries = texts(random, 100);
    var df = new HashMap<String, Integer>();
    for (String text : texts) {
      Arrays.stream(text.split(" ")).distinct().forEach(term -> df.merge(term, 1, Integer::sum));
    }
    var vectors = texts.stream().map(text -> vector(text, df, texts.size())).toList();
    var matches = NearestNeighbour.index(texts).nearest(queries, 2);
    for (int q = 0; q < queries.size(); q++) {
      var query = vector(queries.get(q), df, texts.size());
      double[] cosines = vectors.stream().mapToDouble(vector -> cosine(query, vector)).toArray();
      double best = Arrays.stream(cosines).max().orElseThrow();
      assertEquals(best, matches.get(q).similarity(), 1e-5);
      assertEquals(best, cosines[matches.get(q).index()], 1e-5);
    }
  }

  private static double cosine(Map<String, Double> a, Map<String, Double> b) {
    return a.entrySet().stream()
        .mapToDouble(entry -> entry.getValue() * b.getOrDefault(entry.getKey(), 0.0))
        .sum();
  }

  @Test
  void equalTextsAreFoundAndTheFirstWins() {
    var index = NearestNeighbour.index(List.of("a b", "c d", "c d", "d c"));
    var match = index.nearest(List.of("c d"), 1).getFirst();
    assertEquals(1, match.index());
    assertEquals(1.0, match.similarity(), 1e-6);
  }

  @Test
  void unknownWordsHaveNoSimilarity() {
    var index = NearestNeighbour.index(List.of("a b", "c d"));
    assertEquals(new NearestNeighbour.Match(0, 0), index.nearest(List.of("x y z"), 1).getFirst());
  }

  @Test
  void theNumberOfThreadsChangesNothing() {
    var random = new Random(4);
    var index = NearestNeighbour.index(texts(random, 500));
    var queries = texts(random, 200);
    assertEquals(index.nearest(queries, 1), index.nearest(queries, 3));
  }

  @Test
  void needsAtLeastOneText() {
    assertThrows(IllegalArgumentException.class, () -> NearestNeighbour.index(List.of()));
    assertThrows(IllegalArgumentException.class, () -> ConstantGuess.learn(List.of()));
  }

  @Test
  void theConstantGuessIsTheBestOfAllSubsets() {
    var targets = List.of("get name", "get size", "set name", "get", "is open", "run", "get get");
    var guess = ConstantGuess.learn(targets);
    var words = List.of("get", "name", "size", "set", "is", "open", "run");
    double best = 0;
    for (int subset = 1; subset < 1 << words.size(); subset++) {
      var chosen = new ArrayList<String>();
      for (int i = 0; i < words.size(); i++) {
        if ((subset >> i & 1) == 1) {
          chosen.add(words.get(i));
        }
      }
      best = Math.max(best, new ConstantGuess(chosen).score(targets).f1());
    }
    assertEquals(best, guess.score(targets).f1(), 1e-12);
    assertEquals("get", guess.words().getFirst());
  }

  @Test
  void tagsAreTheWordsOfThePackage() {
    assertEquals("com sun net httpserver", TagTask.tags("com.sun.net.httpserver"));
    assertEquals("my app", TagTask.tags("myApp"));
    var task = TagTask.of(MethodSplit.of(Snippets.corpus(30), 1));
    var pairs = new ArrayList<>(task.train());
    pairs.addAll(task.validation());
    pairs.addAll(task.test());
    assertEquals(61, pairs.size());
    assertTrue(pairs.contains(new TextPair("void ( ) close it", "p0")));
  }

  private static MethodExample inPackage(MethodExample method, String name) {
    return new MethodExample(
        method.file(),
        method.line(),
        method.topLevelClass(),
        name,
        method.name(),
        method.target(),
        method.source());
  }

  @Test
  void methodsOfTheUnnamedPackageHaveNoTags() {
    var methods =
        Snippets.corpus(30).stream()
            .map(m -> m.packageName().equals("p0") ? inPackage(m, "") : m)
            .toList();
    var split = MethodSplit.of(methods, 1);
    var task = TagTask.of(split);
    long named = split.train().stream().filter(m -> !m.packageName().isEmpty()).count();
    assertEquals(named, task.train().size());
    assertTrue(task.train().stream().noneMatch(pair -> pair.target().isEmpty()));
  }

  @Test
  void tagsNeedTwoNamedPackages() {
    var methods =
        Snippets.corpus(9).stream()
            .map(m -> m.packageName().equals("p0") ? m : inPackage(m, ""))
            .toList();
    var split = MethodSplit.of(methods, 1);
    var thrown = assertThrows(TooFewMethodsException.class, () -> TagTask.of(split));
    assertTrue(thrown.getMessage().contains("2 named packages"), thrown.getMessage());
  }

  @Test
  void theTableFitsAHundredColumnsAndStarsExactGuesses() {
    var rows =
        List.of(
            new ExampleTable.Row(
                "Short", "getName", "get name", "set name", "string ( ) return name"),
            new ExampleTable.Row(
                "AVeryLongClassNameThatNobodyShouldHaveWrittenButSomebodyDid",
                "aMethodNameOfEightWordsWithoutAnyEnd",
                "a method name of nearly eight words without",
                "an entirely different name of eight long words",
                "void ( ) " + "word ".repeat(60)),
            new ExampleTable.Row("Empty", "run", "", "run", "void ( )"));
    String table = new ExampleTable(rows).render();
    assertTrue(table.lines().allMatch(line -> line.length() <= 100), table);
    assertTrue(table.contains("* getName"), table);
    assertTrue(table.contains("* run"), table);
    assertTrue(table.lines().toList().get(4).contains(".."), table);
    assertTrue(table.contains("\n    string ( ) return name\n"), table);
    assertEquals(9, table.lines().count());
  }
}
