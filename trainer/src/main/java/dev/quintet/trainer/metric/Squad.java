package dev.quintet.trainer.metric;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/// Short answers as SQuAD scores them: F1 of words and exact matches, in percent.
///
/// Both compare normalised texts, and take the best over the right answers, each by itself.
public final class Squad implements Metric {

  /// Whose rules.
  public enum Version {
    /// SQuAD 1.1: every question has an answer, and no word in common is F1 0.
    V1_1("1.1", SquadText.SQUAD),
    /// SQuAD 2.0: an answer of nothing is right where the right answers are nothing.
    V2("2.0", SquadText.SQUAD),
    /// TriviaQA: as 1.1, but punctuation parts words instead of vanishing.
    TRIVIA_QA("triviaqa", SquadText.TRIVIA_QA);

    private final String title;
    private final SquadText text;

    Version(String title, SquadText text) {
      this.title = title;
      this.text = text;
    }

    /// What it is called: `1.1`, `2.0`, `triviaqa`.
    public String title() {
      return title;
    }
  }

  private final Version version;

  /// By the rules of a version.
  public Squad(Version version) {
    this.version = version;
  }

  @Override
  public List<String> names() {
    return List.of("f1", "exact");
  }

  @Override
  public boolean isRightOrWrong(String name) {
    return name.equals("exact");
  }

  @Override
  public String signature() {
    return "version:" + version.title;
  }

  /// The text that is compared: lower-case, without punctuation and articles.
  public String normalized(String text) {
    return version.text.normalized(text);
  }

  @Override
  public Measured measure(List<Answered> rows) {
    return new Tally(
        rows.stream().map(this::count).toArray(double[][]::new),
        2,
        (sums, count) -> Tally.means(sums, count, 100));
  }

  private double[] count(Answered row) {
    String guess = normalized(row.prediction());
    List<String> answers = answers(row);
    return new double[] {
      best(answers, answer -> f1(answer, guess)),
      best(answers, answer -> answer.equals(guess) ? 1 : 0)
    };
  }

  private List<String> answers(Answered row) {
    List<String> all = row.answers().stream().map(this::normalized).toList();
    if (version != Version.V2) {
      return all;
    }
    List<String> some = all.stream().filter(answer -> !answer.isEmpty()).toList();
    return some.isEmpty() ? List.of("") : some;
  }

  private static double best(List<String> answers, ToDoubleFunction<String> score) {
    return answers.stream().mapToDouble(score).max().orElse(0);
  }

  private double f1(String answer, String guess) {
    if (version == Version.V2 && (answer.isEmpty() || guess.isEmpty())) {
      return answer.equals(guess) ? 1 : 0;
    }
    List<String> right = PythonText.split(answer);
    List<String> guessed = PythonText.split(guess);
    Map<String, Integer> left = new HashMap<>();
    right.forEach(word -> left.merge(word, 1, Integer::sum));
    int common = 0;
    for (String word : guessed) {
      if (left.merge(word, -1, Integer::sum) >= 0) {
        common++;
      }
    }
    return PrecisionRecallF1.of(common, guessed.size(), right.size()).f1();
  }
}
