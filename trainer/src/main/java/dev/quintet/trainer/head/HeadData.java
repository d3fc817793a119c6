package dev.quintet.trainer.head;

import dev.quintet.core.cpu.CpuBackend;
import dev.quintet.tokenizers.Encoding;
import dev.quintet.tokenizers.Tokenizer;
import dev.quintet.trainer.data.Batch;
import dev.quintet.trainer.data.EncodedPairs;
import dev.quintet.trainer.data.Example;
import dev.quintet.trainer.data.Pairs;
import dev.quintet.trainer.data.Sample;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;

/// Samples as what a head learns from: the source's tokens, and labels in place of a target's.
///
/// A class is one label; labels of words stand at each word's first token; a span is its first and last token. What cannot be
/// labelled (a label that training data has not, an answer that the source does not hold or that is cut away) is
/// [Batch#IGNORE], which no loss counts.
public final class HeadData {
  private static final System.Logger LOG = System.getLogger(HeadData.class.getName());

  private HeadData() {}

  /// The labels of training data, in alphabetical order.
  ///
  /// @return none for spans
  public static List<String> labels(HeadKind kind, Pairs train) {
    var labels = new TreeSet<String>();
    for (Sample sample : train.samples()) {
      switch (kind) {
        case CLASSIFY -> labels.add(sample.answers().getFirst());
        case TOKENS -> labels.addAll(words(sample.answers().getFirst()));
        case SPANS -> {}
      }
    }
    return List.copyOf(labels);
  }

  static List<String> words(String text) {
    return text.isBlank() ? List.of() : List.of(text.strip().split("\\s+"));
  }

  /// Samples as examples.
  ///
  /// @param labels by their numbers
  /// @param maxSource tokens of a source
  /// @throws IllegalArgumentException if a sample has another number of labels than words
  public static EncodedPairs encoded(
      HeadKind kind, List<String> labels, Pairs pairs, Tokenizer tokenizer, int maxSource) {
    List<Sample> samples = pairs.samples();
    List<Encoding> encodings =
        tokenizer.encodeAll(samples.stream().map(Sample::source).toList(), CpuBackend.threads());
    var examples = new ArrayList<Example>();
    int empty = 0;
    int without = 0;
    for (int i = 0; i < samples.size(); i++) {
      Encoding encoding = encodings.get(i);
      int[] source = Pairs.cut(encoding.ids(), maxSource, tokenizer);
      int[] target =
          switch (kind) {
            case CLASSIFY -> new int[] {number(labels, samples.get(i).answers().getFirst())};
            case TOKENS -> ofWords(labels, samples.get(i), encoding, source.length);
            case SPANS -> ofSpan(samples.get(i), encoding, source.length);
          };
      examples.add(new Example(source, target));
      empty += samples.get(i).source().isEmpty() ? 1 : 0;
      without += Arrays.stream(target).allMatch(label -> label == Batch.IGNORE) ? 1 : 0;
    }
    if (without > 0) {
      LOG.log(
          System.Logger.Level.WARNING,
          "%,d of %,d rows have nothing to learn: %s"
              .formatted(
                  without,
                  samples.size(),
                  kind == HeadKind.SPANS
                      ? "the source, as it was cut, does not hold the answer"
                      : "their labels are not among the " + labels.size() + " of the model"));
    }
    return new EncodedPairs(
        examples,
        EncodedPairs.Lengths.of(
            maxSource, encodings.stream().mapToInt(Encoding::size).toArray(), empty),
        new EncodedPairs.Lengths(Integer.MAX_VALUE, samples.size(), 0, 0, 0));
  }

  private static int number(List<String> labels, String label) {
    int number = labels.indexOf(label);
    return number < 0 ? Batch.IGNORE : number;
  }

  private static int[] ofWords(List<String> labels, Sample sample, Encoding encoding, int tokens) {
    List<String> given = words(sample.answers().getFirst());
    List<Integer> places = WordPlaces.first(sample.source(), encoding, tokens);
    if (given.size() != places.size()) {
      throw new IllegalArgumentException(
          "%s: a label for each word is needed, but there are %d labels for %d words"
              .formatted(sample.id(), given.size(), places.size()));
    }
    int[] target = new int[tokens];
    Arrays.fill(target, Batch.IGNORE);
    for (int word = 0; word < given.size(); word++) {
      int place = places.get(word);
      if (place >= 0 && target[place] == Batch.IGNORE) {
        target[place] = number(labels, given.get(word));
      }
    }
    return target;
  }

  private static int[] ofSpan(Sample sample, Encoding encoding, int tokens) {
    int context = Math.max(0, sample.source().indexOf("context:"));
    for (String answer : sample.answers()) {
      int from = answer.isEmpty() ? -1 : sample.source().indexOf(answer, context);
      if (from < 0) {
        from = answer.isEmpty() ? -1 : sample.source().indexOf(answer);
      }
      int first = from < 0 ? -1 : token(encoding, from, tokens);
      int last = from < 0 ? -1 : token(encoding, from + answer.length() - 1, tokens);
      if (first >= 0 && last >= 0) {
        return new int[] {first, last};
      }
    }
    return new int[] {Batch.IGNORE, Batch.IGNORE};
  }

  /// The token that holds a character; -1 where it was cut away.
  private static int token(Encoding encoding, int place, int tokens) {
    int kept = tokens < encoding.size() ? tokens - 1 : tokens;
    for (int token = 0; token < kept; token++) {
      if (encoding.start(token) <= place && place < encoding.end(token)) {
        return token;
      }
    }
    return -1;
  }
}
