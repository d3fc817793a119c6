package dev.quintet.tokenizers.compare;

import dev.quintet.tokenizers.Tokenizer;
import dev.quintet.tokenizers.text.Text;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/// Measures tokenizers beside one another on texts that are streamed and not kept.
///
/// Feed it with [#add], in as many portions as you like, then ask for the [#measures]. Nothing depends on the
/// number of threads or on how the texts were cut into portions. One thread at a time may use it; [#close]
/// ends the threads that work for it.
public final class TokenizerComparison implements AutoCloseable {

  /// Enough texts to be worth a task of their own.
  private static final int TASK_CHARACTERS = 1 << 16;

  private final SequencedMap<String, Tokenizer> tokenizers;
  private final String baseline;
  private final ExecutorService pool;

  /// For each type, one for each tokenizer.
  private final SortedMap<String, List<Tally>> byType = new TreeMap<>();

  private final List<Tally> total;

  private TokenizerComparison(
      SequencedMap<String, Tokenizer> tokenizers, String baseline, int threads) {
    this.tokenizers = tokenizers;
    this.baseline = baseline;
    this.pool = Executors.newFixedThreadPool(threads);
    this.total = tallies();
  }

  /// Begins a comparison.
  ///
  /// @param tokenizers the tokenizers by name, in the order in which they are to be shown
  /// @param baseline the name of the one that sequence lengths are divided by
  /// @param threads how many threads encode, at least 1
  /// @return a comparison of no texts yet
  /// @throws IllegalArgumentException when the baseline is none of the tokenizers
  public static TokenizerComparison of(
      SequencedMap<String, Tokenizer> tokenizers, String baseline, int threads) {
    if (!tokenizers.containsKey(baseline)) {
      throw new IllegalArgumentException(
          "compare: expected one of " + tokenizers.keySet() + " as the baseline, got " + baseline);
    }
    if (threads < 1) {
      throw new IllegalArgumentException("compare: expected at least 1 thread, got " + threads);
    }
    return new TokenizerComparison(new LinkedHashMap<>(tokenizers), baseline, threads);
  }

  private List<Tally> tallies() {
    return tokenizers.values().stream()
        .map(one -> new Tally(one.vocabularySize(), one.unknownId().orElse(-1)))
        .toList();
  }

  /// Encodes texts, decodes them again, and counts.
  ///
  /// @param samples the texts; each is encoded as a whole
  public void add(List<Sample> samples) {
    List<Future<List<Outcome>>> tasks = new ArrayList<>();
    for (int from = 0; from < samples.size(); ) {
      int to = from;
      for (int size = 0; to < samples.size() && size < TASK_CHARACTERS; to++) {
        size += 1 + samples.get(to).text().length();
      }
      List<Sample> some = samples.subList(from, to);
      tasks.add(pool.submit(() -> some.stream().map(this::outcome).toList()));
      from = to;
    }
    for (Future<List<Outcome>> task : tasks) {
      for (Outcome outcome : result(task)) {
        count(outcome, byType.computeIfAbsent(outcome.type(), _ -> tallies()));
        count(outcome, total);
      }
    }
  }

  /// What becomes of one text: for each tokenizer its ids and what is lost.
  private record Outcome(
      String type, long bytes, long characters, List<int[]> ids, List<Optional<Loss>> losses) {}

  private Outcome outcome(Sample sample) {
    String text = Text.wellFormed(sample.text());
    List<int[]> ids = new ArrayList<>();
    List<Optional<Loss>> losses = new ArrayList<>();
    for (Tokenizer tokenizer : tokenizers.values()) {
      int[] encoded = tokenizer.encodeToIds(text, false);
      String decoded = tokenizer.decode(encoded);
      int at = Loss.first(text, decoded);
      ids.add(encoded);
      losses.add(
          at < 0 ? Optional.empty() : Optional.of(Loss.of(sample.source(), text, decoded, at)));
    }
    int characters = text.codePointCount(0, text.length());
    return new Outcome(sample.type(), utf8Length(text), characters, ids, losses);
  }

  private static long utf8Length(String text) {
    long length = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      // Half of a surrogate pair is two of four bytes.
      length += c < 0x80 ? 1 : c < 0x800 || Character.isSurrogate(c) ? 2 : 3;
    }
    return length;
  }

  private static void count(Outcome outcome, List<Tally> tallies) {
    for (int i = 0; i < tallies.size(); i++) {
      tallies
          .get(i)
          .add(
              outcome.ids().get(i), outcome.bytes(), outcome.characters(), outcome.losses().get(i));
    }
  }

  private static <T> T result(Future<T> task) {
    try {
      return task.get();
    } catch (ExecutionException failed) {
      if (failed.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      if (failed.getCause() instanceof Error cause) {
        throw cause;
      }
      throw new IllegalStateException("compare: a worker failed", failed);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("compare: interrupted", interrupted);
    }
  }

  /// The types of the texts so far, in alphabetical order.
  ///
  /// @return the types
  public List<String> types() {
    return List.copyOf(byType.keySet());
  }

  /// What each tokenizer did with the texts of one type.
  ///
  /// @param type the type
  /// @return the measures by the tokenizers' names, in their order; empty when there is no such type
  public Map<String, Measures> measures(String type) {
    return measures(byType.getOrDefault(type, List.of()));
  }

  /// What each tokenizer did with all texts.
  ///
  /// @return the measures by the tokenizers' names, in their order
  public Map<String, Measures> measures() {
    return measures(total);
  }

  private Map<String, Measures> measures(List<Tally> tallies) {
    Map<String, Measures> measures = new LinkedHashMap<>();
    int i = 0;
    for (String name : tokenizers.keySet()) {
      if (i < tallies.size()) {
        measures.put(name, tallies.get(i++).measures());
      }
    }
    return measures;
  }

  /// The name of the tokenizer that sequence lengths are divided by.
  ///
  /// @return the name
  public String baseline() {
    return baseline;
  }

  /// The normalized sequence length of arXiv 2402.01035, section 2: a tokenizer's tokens by the baseline's, over
  /// the same texts. Below 1 is shorter.
  ///
  /// @param measures what [#measures] gave
  /// @param name the tokenizer's name
  /// @return the length, NaN when the baseline has no tokens
  public double normalizedLength(Map<String, Measures> measures, String name) {
    Measures own = measures.get(name);
    Measures base = measures.get(baseline);
    if (own == null || base == null) {
      throw new IllegalArgumentException(
          "compare: expected measures of "
              + name
              + " and "
              + baseline
              + ", got "
              + measures.keySet());
    }
    return (double) own.tokens() / base.tokens();
  }

  /// Ends the threads.
  @Override
  public void close() {
    pool.shutdown();
  }
}
