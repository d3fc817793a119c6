package dev.quintet.trainer.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.trainer.metric.NameScores;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
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

  private static double weight(String term, String text, List<String> all) {
    long count = Arrays.stream(text.split(" ")).filter(term::equals).count();
    long df = all.stream().filter(other -> Set.of(distinct(other)).contains(term)).count();
    return count == 0 ? 0 : (1 + Math.log(count)) * (1 + Math.log((1.0 + all.size()) / (1 + df)));
  }

  private static String[] distinct(String text) {
    return Arrays.stream(text.split(" ")).distinct().toArray(String[]::new);
  }

  private static double norm(String text, Set<String> vocabulary, List<String> all) {
    return Math.sqrt(
        vocabulary.stream().mapToDouble(term -> Math.pow(weight(term, text, all), 2)).sum());
  }

  @Test
  void findsWhatComparingWithEveryTextFinds() {
    long seed = Long.getLong("seed", 20261);
    System.out.println("seed " + seed);
    var random = new Random(seed);
    var texts = texts(random, 60);
    var queries = texts(random, 40);
    var vocabulary = new HashSet<String>();
    texts.forEach(text -> vocabulary.addAll(Arrays.asList(text.split(" "))));
    var matches = NearestNeighbour.index(texts).nearest(queries, 2);
    for (int q = 0; q < queries.size(); q++) {
      String query = queries.get(q);
      double best = 0;
      double found = 0;
      double queryNorm = norm(query, vocabulary, texts);
      for (int t = 0; t < texts.size(); t++) {
        String text = texts.get(t);
        double dot = 0;
        for (String term : distinct(text)) {
          dot += weight(term, text, texts) * weight(term, query, texts);
        }
        double cosine = queryNorm == 0 ? 0 : dot / queryNorm / norm(text, vocabulary, texts);
        best = Math.max(best, cosine);
        found = t == matches.get(q).index() ? cosine : found;
      }
      assertEquals(best, matches.get(q).similarity(), 1e-5);
      assertEquals(best, found, 1e-5);
    }
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
    assertTrue(
        task.train().contains(new TextPair("void ( ) close it", "p0"))
            || task.test().contains(new TextPair("void ( ) close it", "p0"))
            || task.validation().contains(new TextPair("void ( ) close it", "p0")));
    assertEquals(61, task.train().size() + task.validation().size() + task.test().size());
  }

  @Test
  void tagsNeedTwoNamedPackages() {
    var unnamed =
        Snippets.corpus(9).stream()
            .map(m ->
                m.packageName().equals("p0")
                    ? m
                    : m.topLevelClass().isEmpty()
                        ? m
                        : new MethodExample(
                            m.file(),
                            m.line(),
                            m.topLevelClass(),
                            "",
                            m.name(),
                            m.target(),
                            m.source()))
            .toList();
    var split = MethodSplit.of(unnamed, 1);
    var thrown = assertThrows(TooFewMethodsException.class, () -> TagTask.of(split));
    assertTrue(thrown.getMessage().contains("2 named packages"), thrown.getMessage());
  }

  @Test
  void theTableFitsAHundredColumnsAndStarsExactGuesses() {
    var rows =
        List.of(
            new ExampleTable.Row("Short", "getName", "get name", "set name"),
            new ExampleTable.Row(
                "AVeryLongClassNameThatNobodyShouldHaveWrittenButSomebodyDid",
                "aMethodNameOfEightWordsWithoutAnyEnd",
                "a method name of nearly eight words without",
                "an entirely different name of eight long words"),
            new ExampleTable.Row("Empty", "run", "", "run"));
    String table = new ExampleTable(rows).render();
    assertTrue(table.lines().allMatch(line -> line.length() <= 100), table);
    assertTrue(table.contains("* getName"), table);
    assertTrue(table.contains("* run"), table);
    assertTrue(table.lines().toList().get(3).contains(".."), table);
    assertEquals(6, table.lines().count());
  }

  @Test
  void scoresOfTheNeighbourAddUp() {
    assertEquals(1.0, NameScores.of(List.of("get name"), List.of("get name")).exactMatch(), 0);
  }
}
