package dev.quintet.trainer.search;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.models.json.JsonObject;
import dev.quintet.trainer.data.MalformedDataException;
import dev.quintet.trainer.loop.OtherRunException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SearchTest {
  private static final String SPACE =
      """
      {"rate": {"log_uniform": [1e-5, 1e-1]}, "kind": {"choice": ["a", "b"]},
       "size": {"integer": [1, 9]}, "momentum": {"uniform": [0, 1], "when": {"kind": "b"}}}
      """;

  @TempDir Path folder;

  private static Space space() {
    return Space.of(JsonObject.parse("space", SPACE));
  }

  /// Least at rate 1e-3, kind b, size 4, momentum 0.9; reports on the way, and does not work where size is 9.
  private static Optional<Outcome> run(Trial trial) {
    double loss = loss(trial.values());
    if (Double.isNaN(loss)) {
      throw new TrialFailedException("size 9 does not work", new IllegalStateException());
    }
    long steps = Math.max(1, Math.round(27 * trial.share()));
    for (long step = 9; step < steps; step += 9) {
      if (trial.report(step, loss + 1.0 / step)) {
        return Optional.empty();
      }
    }
    return Optional.of(new Outcome(steps, loss + 0.1 / steps));
  }

  private static double loss(Map<String, Object> values) {
    double rate = ((Number) values.getOrDefault("rate", 0)).doubleValue();
    double size = ((Number) values.getOrDefault("size", 0)).doubleValue();
    double momentum = ((Number) values.getOrDefault("momentum", 0)).doubleValue();
    return size == 9
        ? Double.NaN
        : Math.pow(Math.log10(rate) + 3, 2) + Math.abs(size - 4) / 4 + Math.abs(momentum - 0.9);
  }

  private static List<Search> searches() {
    var searches = new ArrayList<Search>();
    for (Sampler.Kind kind :
        List.of(
            Sampler.Kind.RANDOM,
            Sampler.Kind.SOBOL,
            Sampler.Kind.GAUSSIAN_PROCESS,
            Sampler.Kind.TPE)) {
      searches.add(Search.of(space()).sampler(kind).trials(10).seed(3).resume());
    }
    searches.add(
        Search.of(space())
            .sampler(Sampler.Kind.RANDOM)
            .trials(14)
            .pruner(new MedianPruner(3, 0, 1))
            .resume());
    for (Plan plan :
        List.of(new Plan.Halving(13, 9, 3), new Plan.Brackets(9, 3), new Plan.Asha(11, 9, 3))) {
      searches.add(Search.of(space()).sampler(Sampler.Kind.TPE).plan(plan).resume());
    }
    return searches;
  }

  @Test
  void aSearchThatIsCutAnywhereAndResumedEqualsOneLeftAlone() throws IOException {
    int number = 0;
    for (Search search : searches()) {
      Path alone = folder.resolve("alone" + number + ".jsonl");
      SearchResult whole = search.run(alone, SearchTest::run);
      String text = Files.readString(alone);
      List<String> lines = text.lines().toList();
      for (int cut = 0; cut < text.length(); cut += 1 + text.length() / 3) {
        Path killed = folder.resolve("killed" + number + ".jsonl");
        Files.writeString(killed, text.substring(0, cut));
        SearchResult resumed = search.run(killed, SearchTest::run);
        assertEquals(strip(lines), strip(Files.readAllLines(killed)));
        assertEquals(whole.sorted(), resumed.sorted());
      }
      number++;
    }
  }

  /// Seconds are the clock's.
  private static List<String> strip(List<String> lines) {
    return lines.stream().map(line -> line.replaceAll(", \"seconds\": [0-9.e-]+", "")).toList();
  }

  @Test
  void anObjectiveThatIsInterruptedGoesOnWithTheTrialThatRan() throws IOException {
    Search alone = Search.of(space()).trials(9).resume();
    SearchResult whole = alone.run(folder.resolve("alone.jsonl"), SearchTest::run);
    var calls = new AtomicInteger();
    Path journal = folder.resolve("stopped.jsonl");
    SearchResult stopped =
        Search.of(space())
            .trials(9)
            .stopWhen(() -> calls.get() >= 5)
            .run(journal, trial -> calls.incrementAndGet() == 5 ? Optional.empty() : run(trial));
    assertTrue(stopped.stopped());
    assertEquals(TrialResult.State.RUNNING, stopped.trials().getLast().state());
    assertEquals(whole.sorted(), alone.run(journal, SearchTest::run).sorted());
    assertFalse(whole.stopped());
  }

  @Test
  void withSeveralWorkersEachTrialIsWhatItsLineSays() throws IOException {
    for (Search search : searches()) {
      Path journal = Files.createTempFile(folder, "parallel", ".jsonl");
      var running = ConcurrentHashMap.<Integer>newKeySet();
      SearchResult result =
          search
              .workers(4)
              .run(
                  journal,
                  trial -> {
                    assertTrue(running.add(trial.number()), "twice at once: " + trial.number());
                    Optional<Outcome> outcome;
                    try {
                      outcome = run(trial);
                    } finally {
                      running.remove(trial.number());
                    }
                    return outcome;
                  });
      for (TrialResult trial : result.trials()) {
        if (trial.state() == TrialResult.State.FINISHED) {
          assertEquals(loss(trial.values()) + 0.1 / 27, trial.value(), 1e-12);
        }
      }
      assertTrue(result.best().isPresent());
      assertEquals(result.sorted(), search.run(journal, _ -> Optional.empty()).sorted());
    }
  }

  @Test
  void aJournalOfAnotherSpaceIsRefusedByTheNameOfTheParameter() {
    Path journal = folder.resolve("trials.jsonl");
    Search.of(space()).trials(2).run(journal, SearchTest::run);
    refused(journal, SPACE.replace("[1, 9]", "[1, 8]"), "\"size\" is now");
    refused(journal, SPACE.replace("momentum", "beta"), "\"beta\" is new");
    refused(journal, "{\"rate\": {\"log_uniform\": [1e-5, 1e-1]}}", "\"kind\" is gone");
    var again =
        assertThrows(
            OtherRunException.class, () -> Search.of(space()).run(journal, SearchTest::run));
    assertTrue(again.getMessage().contains("is there already"), again.getMessage());
    var seed =
        assertThrows(
            OtherRunException.class,
            () -> Search.of(space()).trials(2).seed(9).resume().run(journal, SearchTest::run));
    assertTrue(seed.getMessage().contains("\"seed\" is now 9 and was 0"), seed.getMessage());
  }

  private static void refused(Path journal, String other, String says) {
    Space space = Space.of(JsonObject.parse("space", other));
    var refused =
        assertThrows(
            OtherRunException.class,
            () -> Search.of(space).trials(2).resume().run(journal, SearchTest::run));
    assertTrue(refused.getMessage().contains(says), refused.getMessage());
  }

  @Test
  void aLineThatIsNoEventIsRefusedWithItsNumber() throws IOException {
    Path journal = folder.resolve("trials.jsonl");
    Search.of(space()).trials(2).run(journal, SearchTest::run);
    Files.writeString(
        journal, Files.readString(journal).replaceFirst("\"size\": \\d", "\"size\": 77"));
    var refused =
        assertThrows(
            MalformedDataException.class,
            () -> Search.of(space()).trials(2).resume().run(journal, SearchTest::run));
    assertTrue(refused.getMessage().contains("line 2"), refused.getMessage());
    assertTrue(refused.getMessage().contains("\"size\""), refused.getMessage());
  }

  @Test
  void aFinishedSearchGoesOnWithMoreTrials() {
    Path journal = folder.resolve("trials.jsonl");
    Search.of(space()).trials(9).run(journal, SearchTest::run);
    SearchResult longer = Search.of(space()).trials(12).resume().run(journal, SearchTest::run);
    SearchResult whole =
        Search.of(space()).trials(12).run(folder.resolve("whole.jsonl"), SearchTest::run);
    assertEquals(whole.sorted(), longer.sorted());
  }

  @Test
  void aGridIsTriedOnceAndInOrder() {
    Space space =
        Space.of(
            JsonObject.parse(
                "space",
                """
                {"z": {"choice": ["x", "y"]}, "a": {"integer": [1, 3]},
                 "c": {"quantized": [0, 0.2, 0.1], "when": {"z": "y"}}}
                """));
    var tried = new ArrayList<String>();
    SearchResult result =
        Search.of(space)
            .sampler(Sampler.Kind.GRID)
            .trials(100)
            .run(
                folder.resolve("grid.jsonl"),
                trial -> {
                  tried.add(trial.values().toString());
                  return Optional.of(new Outcome(1, 1.0 + trial.number()));
                });
    assertTrue(result.exhausted());
    assertEquals(12, tried.size());
    assertEquals("{z=x, a=1}", tried.getFirst());
    assertEquals("{z=x, a=2}", tried.get(1));
    assertEquals("{z=y, a=3, c=0.2}", tried.getLast());
    assertEquals(12, new TreeSet<>(tried).size());
    assertEquals(0, result.best().orElseThrow().trial());
  }

  @Test
  void aSmallSpaceIsTriedOutWithoutRepeatsAndThenTheSearchEnds() {
    Space space =
        Space.of(
            JsonObject.parse(
                "space", "{\"a\": {\"integer\": [1, 4]}, \"b\": {\"choice\": [true, false]}}"));
    SearchResult result =
        Search.of(space)
            .trials(50)
            .sampler(Sampler.Kind.GAUSSIAN_PROCESS)
            .run(
                folder.resolve("small.jsonl"),
                trial -> Optional.of(new Outcome(1, trial.values().toString().length())));
    assertTrue(result.exhausted());
    assertEquals(8, result.trials().stream().map(TrialResult::values).distinct().count());
  }

  @Test
  void failedTrialsCountAsTheWorstAndTheSearchGoesOn() {
    SearchResult result =
        Search.of(space())
            .trials(16)
            .run(
                folder.resolve("failing.jsonl"),
                trial -> {
                  if (trial.number() % 3 == 0) {
                    throw new TrialFailedException("does not work", new ArithmeticException());
                  }
                  return trial.number() == 4 ? Optional.of(new Outcome(1, Double.NaN)) : run(trial);
                });
    assertEquals(16, result.trials().size());
    assertEquals("does not work", result.trials().getFirst().reason());
    assertEquals(TrialResult.State.FAILED, result.sorted().getLast().state());
  }

  @Test
  void whatIsNotTheTrialsFaultEndsTheSearch() {
    Search search = Search.of(space()).trials(20).workers(3);
    var ended =
        assertThrows(
            UncheckedIOException.class,
            () ->
                search.run(
                    folder.resolve("disk.jsonl"),
                    _ -> {
                      throw new UncheckedIOException(new IOException("No space left on device"));
                    }));
    assertTrue(ended.getMessage().contains("No space left"), ended.getMessage());
  }

  @Test
  void constantValuesStillGiveProposals() {
    SearchResult result =
        Search.of(space())
            .trials(20)
            .run(folder.resolve("constant.jsonl"), _ -> Optional.of(new Outcome(1, 0.25)));
    assertEquals(20, result.trials().stream().map(TrialResult::values).distinct().count());
  }

  @Test
  void aTrialThatIsWorseThanTheMedianIsStopped() {
    SearchResult result =
        Search.of(space())
            .sampler(Sampler.Kind.RANDOM)
            .trials(6)
            .pruner(new MedianPruner(3, 0, 1))
            .higherIsBetter(true)
            .run(
                folder.resolve("pruned.jsonl"),
                trial -> {
                  for (long step = 1; step <= 5; step++) {
                    if (trial.report(step, trial.number() == 4 ? 0.1 : 0.5 + step / 10.0)) {
                      return Optional.empty();
                    }
                  }
                  return Optional.of(new Outcome(5, trial.number() == 5 ? 2 : 1));
                });
    assertEquals(TrialResult.State.PRUNED, result.trials().get(4).state());
    assertEquals(1, result.trials().get(4).step());
    assertEquals(5, result.best().orElseThrow().trial());
  }

  @Test
  void asManyTrialsReachARungAsTheTableOfHyperbandSays() throws IOException {
    for (Plan plan : List.of(new Plan.Halving(13, 9, 3), new Plan.Brackets(9, 3))) {
      for (int workers : List.of(1, 3)) {
        Path journal = Files.createTempFile(folder, "rungs", ".jsonl");
        Search.of(space())
            .sampler(Sampler.Kind.RANDOM)
            .plan(plan)
            .workers(workers)
            .resume()
            .run(
                journal,
                trial ->
                    Optional.of(
                        new Outcome(Math.round(9 * trial.share()), trial.number() * 7 % 13)));
        var reached = new TreeMap<Long, Integer>();
        for (String line : Files.readAllLines(journal)) {
          JsonObject event = JsonObject.parse("event", line);
          event.whole("step").ifPresent(step -> reached.merge(step, 1, Integer::sum));
        }
        assertEquals(
            plan instanceof Plan.Halving
                ? Map.of(1L, 13, 3L, 4, 9L, 1)
                : Map.of(1L, 9, 3L, 3 + 5, 9L, 1 + 1 + 3),
            reached);
      }
    }
  }

  @Test
  void hyperbandCountsInWholeNumbers() {
    assertEquals(6, Hyperband.brackets(243, 3).size());
    assertEquals(6, new Plan.Brackets(243, 3).rungs());
    assertEquals(143, new Plan.Brackets(81, 3).trials());
  }
}
