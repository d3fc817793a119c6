package dev.quintet.app.demo;

import dev.quintet.models.generate.GenerationConfig;
import dev.quintet.models.generate.Generator;
import dev.quintet.models.text.TextToText;
import dev.quintet.trainer.data.Pairs;
import dev.quintet.trainer.metric.NameScores;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.LongConsumer;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/// Asks a model for the words of names or tags, many at a time.
///
/// A name is not the likeliest answer but the one that is expected to score best, as minimum Bayes risk
/// decoding has it (Kumar and Byrne, 2004): each word is worth how likely it is, by the beams that hold it, less
/// [#WORD_COSTS]. Likeliest answers are too short where the model is unsure. On 2,000 validation methods of the JDK the
/// likeliest of 10 beams has F1 44.6, as greedy decoding, and the one chosen so 46.0.
public final class MethodNamer {
  private static final int BATCH = 64;
  private static final int BEAMS = 8;

  /// Half of an F1 of 50 %: a word that is right less often lowers F1. From 0.16 to 0.28 F1 hardly changes.
  private static final double WORD_COSTS = 0.25;

  private final TextToText model;
  private final int beams;

  private MethodNamer(TextToText model, int beams) {
    this.model = model;
    this.beams = beams;
  }

  /// Asks this model, which stays the caller's to close, for names: one of [#BEAMS] answers each.
  public static MethodNamer ofNames(TextToText model) {
    return new MethodNamer(model, BEAMS);
  }

  /// Asks this model, which stays the caller's to close, for tags: the likeliest token each time.
  public static MethodNamer ofTags(TextToText model) {
    return new MethodNamer(model, 1);
  }

  /// The model's words for each text, joined by single spaces, in order.
  ///
  /// @param sources texts as [MethodExample] gives them; cut to the tokens that the model was trained on
  /// @param progress hears how many are done
  public List<String> name(List<String> sources, LongConsumer progress) {
    var encoded = new ArrayList<int[]>();
    for (String source : sources) {
      int[] ids = model.tokenizer().encode(source).ids();
      encoded.add(Pairs.cut(ids, DemoRecipe.MAX_SOURCE, model.tokenizer()));
    }
    // like lengths together, as in training: less padding
    List<Integer> order =
        IntStream.range(0, encoded.size())
            .boxed()
            .sorted(Comparator.comparingInt(i -> encoded.get(i).length))
            .toList();
    GenerationConfig options =
        model
            .generation()
            .withMaxNewTokens(DemoRecipe.MAX_TARGET)
            .with("num_beams", beams)
            .with("num_return_sequences", beams)
            .with("length_penalty", 0.0); // scores are then logarithms of probabilities
    String[] answers = new String[sources.size()];
    for (int from = 0; from < order.size(); from += BATCH) {
      List<Integer> part = order.subList(from, Math.min(order.size(), from + BATCH));
      Generator.Generated generated =
          Generator.of(model.model())
              .generateScored(part.stream().map(encoded::get).toList(), options);
      for (int i = 0; i < part.size(); i++) {
        answers[part.get(i)] = choose(generated, i * beams);
      }
      progress.accept(from + part.size());
    }
    return List.of(answers);
  }

  private String choose(Generator.Generated generated, int first) {
    List<String> answers =
        IntStream.range(first, first + beams)
            .mapToObj(i -> model.tokenizer().decode(generated.sequences()[i], true).strip())
            .toList();
    if (beams == 1) {
      return answers.getFirst(); // and there are no scores
    }
    double[] scores = new double[beams];
    for (int i = 0; i < beams; i++) {
      scores[i] = generated.scores()[first + i];
    }
    return best(answers, scores);
  }

  /// Of some answers the one whose words are worth most; of equal ones the first.
  ///
  /// @param answers words joined by spaces
  /// @param scores logarithms of how likely each is, but for a common addend
  static String best(List<String> answers, double[] scores) {
    double highest = DoubleStream.of(scores).max().orElseThrow();
    double[] likelihoods =
        DoubleStream.of(scores).map(score -> Math.exp(score - highest)).toArray();
    double all = DoubleStream.of(likelihoods).sum();
    String best = "";
    double most = Double.NEGATIVE_INFINITY;
    for (String answer : answers) {
      double worth = -WORD_COSTS * NameScores.words(answer).size();
      for (int i = 0; i < likelihoods.length; i++) {
        long common = NameScores.NONE.plus(answers.get(i), answer).matched();
        worth += likelihoods[i] / all * common;
      }
      if (worth > most) {
        most = worth;
        best = answer;
      }
    }
    return best;
  }
}
