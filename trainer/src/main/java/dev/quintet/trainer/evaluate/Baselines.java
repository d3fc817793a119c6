package dev.quintet.trainer.evaluate;

import dev.quintet.core.cpu.CpuBackend;
import dev.quintet.trainer.data.Sample;
import dev.quintet.trainer.metric.Sentences;
import dev.quintet.trainer.prepare.NormalForm;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/// Ways to answer that learn next to nothing: what a model has to beat to be worth its training.
public final class Baselines {
  /// The name of [#majority] in tables and files.
  public static final String MAJORITY = "majority";

  /// The name of [#firstSentence].
  public static final String FIRST_SENTENCE = "first_sentence";

  /// The name of [#nearest].
  public static final String NEAREST = "nearest";

  private Baselines() {}

  /// All three by name.
  ///
  /// @param train what may be learned from
  /// @throws IllegalArgumentException if there is none
  public static SequencedMap<String, Answerer> all(List<Sample> train) {
    var all = new LinkedHashMap<String, Answerer>();
    all.put(MAJORITY, majority(train));
    all.put(FIRST_SENTENCE, firstSentence(train));
    all.put(NEAREST, nearest(train));
    return all;
  }

  /// Always the most frequent first answer of the training; of equally frequent ones the one that comes first.
  ///
  /// @throws IllegalArgumentException if there is no sample
  public static Answerer majority(List<Sample> train) {
    String answer = mostFrequent(train);
    return sources -> sources.stream().map(_ -> reply(answer)).toList();
  }

  /// The first sentence of each source, without what all sources of the training begin with up to a colon, such as
  /// `summarize: `.
  ///
  /// @throws IllegalArgumentException if there is no sample
  public static Answerer firstSentence(List<Sample> train) {
    requireSome(train);
    String prefix = prefix(train);
    return sources ->
        sources.stream()
            .map(source -> source.startsWith(prefix) ? source.substring(prefix.length()) : source)
            .map(text -> text.lines().filter(line -> !line.isBlank()).findFirst().orElse(""))
            .map(line -> Sentences.of(line).stream().findFirst().orElse(""))
            .map(Baselines::reply)
            .toList();
  }

  /// The first answer of the training source that is most like each source, by [NearestNeighbour] over words without case; that
  /// of [#majority] where no source shares a word with it.
  ///
  /// @throws IllegalArgumentException if there is no sample
  public static Answerer nearest(List<Sample> train) {
    String otherwise = mostFrequent(train);
    NearestNeighbour index =
        NearestNeighbour.index(
            train.stream().map(sample -> NormalForm.of(sample.source())).toList());
    List<String> answers = train.stream().map(sample -> sample.answers().getFirst()).toList();
    return sources ->
        index.nearest(sources.stream().map(NormalForm::of).toList(), CpuBackend.threads()).stream()
            .map(match -> match.similarity() > 0 ? answers.get(match.index()) : otherwise)
            .map(Baselines::reply)
            .toList();
  }

  private static Reply reply(String text) {
    return new Reply(text, 0, false);
  }

  private static String mostFrequent(List<Sample> train) {
    requireSome(train);
    var counts = new LinkedHashMap<String, Integer>();
    train.forEach(sample -> counts.merge(sample.answers().getFirst(), 1, Integer::sum));
    Map.Entry<String, Integer> most = counts.firstEntry();
    for (Map.Entry<String, Integer> one : counts.entrySet()) {
      most = one.getValue() > most.getValue() ? one : most;
    }
    return most.getKey();
  }

  /// What all sources begin with, up to the last colon and space in it; nothing of a single source.
  private static String prefix(List<Sample> train) {
    String shared = train.getFirst().source();
    for (Sample sample : train) {
      int length = 0;
      int most = Math.min(shared.length(), sample.source().length());
      while (length < most && shared.charAt(length) == sample.source().charAt(length)) {
        length++;
      }
      shared = shared.substring(0, length);
    }
    int colon = shared.lastIndexOf(": ");
    return train.size() < 2 || colon < 0 ? "" : shared.substring(0, colon + 2);
  }

  private static void requireSome(List<Sample> train) {
    if (train.isEmpty()) {
      throw new IllegalArgumentException(
          "Baselines: expected at least one sample to learn from, got none");
    }
  }
}
