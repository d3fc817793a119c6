package dev.quintet.app.tuning;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;

/// Whether what the paper says of methods holds in a comparison, in words that follow from its numbers alone.
///
/// One is above another where their intervals of 95 % are apart; where they overlap, it is a tie. Source of the claims: Ding and
/// others (2023), on T5-base and over a hundred tasks.
final class Claims {
  /// The kinds of methods in the paper's order of scores, and what it calls them.
  private static final List<Kind> RANKING =
      List.of(
          new Kind(Design.Method.FULL, "full", 5),
          new Kind("lora", "LoRA", 4),
          new Kind("bottleneck", "adapter", 3),
          new Kind("prefix", "prefix", 2),
          new Kind("prompt", "prompt", 1));

  /// In its order of how soon they converge, of which two are level.
  private static final List<Kind> CONVERGENCE =
      List.of(
          new Kind(Design.Method.FULL, "full", 3),
          new Kind("bottleneck", "adapter", 2),
          new Kind("lora", "LoRA", 2),
          new Kind("prefix", "prefix", 1));

  private final Comparison comparison;

  Claims(Comparison comparison) {
    this.comparison = comparison;
  }

  /// A kind of method in a claim.
  ///
  /// @param kind as in [Design.Method]
  /// @param name the paper's
  /// @param place the higher, the better; equal ones are level
  private record Kind(String kind, String name, int place) {}

  /// A method that stands for a kind.
  private record Standing(Kind kind, Score score) {}

  /// What became of the pairs of a claim.
  ///
  /// @param as the claim has it
  /// @param ties where it has one above the other
  /// @param against what is otherwise, in words
  private record Pairs(int as, int ties, List<String> against) {
    int all() {
      return as + ties + against.size();
    }
  }

  /// The paper's ranking by score.
  String ranking() {
    int tasks = comparison.design().tasks().size();
    return claim(
        "Ranking",
        RANKING,
        "the mean score over %d %s".formatted(tasks, tasks == 1 ? "task" : "tasks"),
        comparison::overall,
        "%.3f");
  }

  /// The paper's order of convergence.
  String convergence() {
    return claim(
        "Convergence",
        CONVERGENCE,
        String.format(
            Locale.ROOT,
            "the mean number of steps to %.0f %% of the score of %s",
            100 * comparison.design().share(),
            comparison.design().reference()),
        method -> comparison.speed(method).map(speed -> speed.steps().negated()),
        "%.0f");
  }

  private String claim(
      String title,
      List<Kind> claimed,
      String by,
      Function<String, Optional<Score>> score,
      String form) {
    var standing = new ArrayList<Standing>();
    var missing = new ArrayList<String>();
    for (Kind kind : claimed) {
      comparison.ofKind(kind.kind()).stream()
          .findFirst()
          .flatMap(score)
          .ifPresentOrElse(
              found -> standing.add(new Standing(kind, found)), () -> missing.add(kind.name()));
    }
    String paper = "%s. The paper has %s.".formatted(title, chain(claimed));
    if (standing.size() < 2) {
      return paper + " Whether it holds cannot be told here: fewer than two of them have numbers.";
    }
    return "%s Here, by %s: %s (> where the intervals of 95 %% are apart, ~ where they overlap). %s%s"
        .formatted(
            paper,
            by,
            observed(standing, form),
            verdict(title.toLowerCase(Locale.ROOT), pairs(standing)),
            missing.isEmpty() ? "" : " Without numbers: " + String.join(", ", missing) + ".");
  }

  private static String chain(List<Kind> claimed) {
    var text = new StringBuilder(claimed.getFirst().name());
    for (int i = 1; i < claimed.size(); i++) {
      text.append(claimed.get(i).place() == claimed.get(i - 1).place() ? " ~ " : " > ")
          .append(claimed.get(i).name());
    }
    return text.toString();
  }

  private static String observed(List<Standing> standing, String form) {
    List<Standing> sorted =
        standing.stream()
            .sorted(Comparator.comparingDouble((Standing one) -> one.score().value()).reversed())
            .toList();
    var text = new StringBuilder();
    for (int i = 0; i < sorted.size(); i++) {
      if (i > 0) {
        text.append(sorted.get(i - 1).score().against(sorted.get(i).score()) > 0 ? " > " : " ~ ");
      }
      text.append(sorted.get(i).kind().name())
          .append(' ')
          .append(String.format(Locale.ROOT, form, Math.abs(sorted.get(i).score().value())));
    }
    return text.toString();
  }

  private static Pairs pairs(List<Standing> standing) {
    int as = 0;
    int ties = 0;
    var against = new ArrayList<String>();
    for (int i = 0; i < standing.size(); i++) {
      for (int j = i + 1; j < standing.size(); j++) {
        Standing one = standing.get(i);
        Standing other = standing.get(j);
        int claimed = Integer.signum(one.kind().place() - other.kind().place());
        int found = one.score().against(other.score());
        if (found == claimed) {
          as++;
        } else if (found == 0) {
          ties++;
        } else {
          Standing above = found > 0 ? one : other;
          Standing below = found > 0 ? other : one;
          against.add(above.kind().name() + " is above " + below.kind().name());
        }
      }
    }
    return new Pairs(as, ties, against);
  }

  private static String verdict(String what, Pairs pairs) {
    String counts =
        "Of %d pairs %d %s as in the paper, %d cannot be told apart, %d %s otherwise%s"
            .formatted(
                pairs.all(),
                pairs.as(),
                pairs.as() == 1 ? "is" : "are",
                pairs.ties(),
                pairs.against().size(),
                pairs.against().size() == 1 ? "is" : "are",
                pairs.against().isEmpty() ? "" : " (" + String.join(", ", pairs.against()) + ")");
    String holds;
    if (!pairs.against().isEmpty()) {
      holds = "does not hold here";
    } else if (pairs.ties() == 0) {
      holds = "holds here";
    } else if (pairs.as() >= pairs.ties()) {
      holds = "holds here as far as it can be told";
    } else {
      holds = "can hardly be told here: most pairs are ties";
    }
    return "%s: the paper's %s %s.".formatted(counts, what, holds);
  }
}
