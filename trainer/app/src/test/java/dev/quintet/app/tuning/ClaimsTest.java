package dev.quintet.app.tuning;

import static dev.quintet.app.tuning.Results.score;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ClaimsTest {
  private static final List<String> KINDS =
      List.of("full", "lora", "bottleneck", "prefix", "prompt");

  private static Claims claims(Map<String, Score> scores) {
    var methods = new ArrayList<Design.Method>();
    var results = new ArrayList<TrialResult>();
    for (String kind : KINDS) {
      Score score = scores.get(kind);
      if (score != null) {
        methods.add(new Design.Method("my-" + kind, kind));
        results.add(Results.of("tags", "my-" + kind, 0, score, 0, score.value()));
      }
    }
    var design =
        new Design(
            methods,
            List.of(new Design.Task("tags", "micro_f1", true)),
            List.of(0L),
            methods.getFirst().name(),
            0.95,
            Optional.empty());
    return new Claims(new Comparison(design, results, List.of()));
  }

  @Test
  void aRankingHoldsWhereAllIntervalsAreApartInThePapersOrder() {
    String words =
        claims(
                Map.of(
                    "full", score(0.9, 0.01),
                    "lora", score(0.8, 0.01),
                    "bottleneck", score(0.7, 0.01),
                    "prefix", score(0.6, 0.01),
                    "prompt", score(0.5, 0.01)))
            .ranking();
    assertTrue(
        words.contains("full 0.900 > LoRA 0.800 > adapter 0.700 > prefix 0.600 > prompt 0.500"),
        words);
    assertTrue(
        words.endsWith(
            "Of 10 pairs 10 are as in the paper, 0 cannot be told apart, 0 are otherwise: the paper's ranking holds here."),
        words);
  }

  @Test
  void oneThatIsAboveWhatThePaperHasAboveItRefutesARankingAndIsNamed() {
    String words =
        claims(
                Map.of(
                    "full", score(0.9, 0.01), "lora", score(0.5, 0.01), "prompt", score(0.8, 0.01)))
            .ranking();
    assertTrue(words.contains("full 0.900 > prompt 0.800 > LoRA 0.500"), words);
    assertTrue(
        words.contains(
            "1 is otherwise (prompt is above LoRA): the paper's ranking does not hold here."),
        words);
    assertTrue(words.endsWith("Without numbers: adapter, prefix."), words);
  }

  @Test
  void overlappingIntervalsAreTiesAndDecideNothing() {
    String words =
        claims(
                Map.of(
                    "full", score(0.61, 0.2), "lora", score(0.6, 0.2), "prompt", score(0.62, 0.2)))
            .ranking();
    assertTrue(words.contains("prompt 0.620 ~ full 0.610 ~ LoRA 0.600"), words);
    assertTrue(words.contains("can hardly be told here: most pairs are ties"), words);
  }

  @Test
  void withoutTwoMethodsOfThePaperNothingIsClaimed() {
    String words = claims(Map.of("full", score(0.5, 0.1))).ranking();
    assertTrue(words.endsWith("cannot be told here: fewer than two of them have numbers."), words);
  }

  @Test
  void convergenceComparesStepsToTheMark() {
    var methods = new ArrayList<Design.Method>();
    KINDS.forEach(kind -> methods.add(new Design.Method(kind, kind)));
    var design =
        new Design(
            methods,
            List.of(new Design.Task("tags", "micro_f1", true)),
            List.of(0L, 1L),
            "full",
            0.95,
            Optional.empty());
    var results = new ArrayList<TrialResult>();
    for (long seed = 0; seed < 2; seed++) {
      Score any = score(0.5, 0.1);
      results.add(Results.of("tags", "full", seed, any, 0, 1, 1, 1, 1));
      results.add(Results.of("tags", "lora", seed, any, 0, 0.5, 1, 1, 1));
      results.add(Results.of("tags", "bottleneck", seed, any, 0, 0.5, 0.95, 1, 1));
      results.add(Results.of("tags", "prefix", seed, any, 0, 0.5, 0.5, 0.5, 0.9));
    }
    var comparison = new Comparison(design, results, List.of());
    String words = new Claims(comparison).convergence();
    assertTrue(words.contains("full 10 > "), words);
    assertTrue(words.contains("prefix 40"), words);
    assertTrue(words.contains("the paper's convergence holds here."), words);
    assertEquals(0, comparison.speed("prefix").orElseThrow().reached());
    assertEquals(Optional.empty(), comparison.speed("prompt"));
  }

  @Test
  void transfersAreCountedAgainstNewAdaptersOnEachOtherTask() {
    var tasks = List.of(new Design.Task("a", "accuracy", true), new Design.Task("b", "ter", false));
    var design =
        new Design(
            List.of(new Design.Method("lora", "lora")),
            tasks,
            List.of(0L),
            "lora",
            0.95,
            Optional.of(new Design.Transfer(List.of("lora"), 20)));
    var results =
        List.of(
            Results.transferred("a", "lora", Trial.Start.AFRESH, 0.1, 0.2),
            Results.transferred("a", "lora", new Trial.Start(Optional.of("b")), 0.5, 0.2),
            Results.transferred("b", "lora", Trial.Start.AFRESH, 0.1, 0.2),
            Results.transferred("b", "lora", new Trial.Start(Optional.of("a")), 0.1, 0.4));
    assertEquals(
        List.of(
            "Transfer, lora. An adapter of another task beside a new one: without a step it is above in 1 of 2 cases, level in 1, below in 0; after 20 steps above in 0 of 2 cases, level in 1, below in 1."),
        new TransferWords(
                new Comparison(design, results, List.of()), design.transfer().orElseThrow())
            .words());
  }
}
