package dev.quintet.benchmarks.metric;

import dev.quintet.benchmarks.contest.Shown;
import dev.quintet.core.random.Philox;
import dev.quintet.trainer.metric.Answered;
import dev.quintet.trainer.metric.Rouge;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/// ROUGE-1, 2 and L of 100,000 pairs of 60 words, on one thread.
///
/// Run with the JMH pattern `RougeBenchmark`. Words are drawn from 20,000, the rarer the longer the list.
///
/// Measured as time of the processor, on one thread of a shared machine: 3 to 7 s, stemmed 3 s.
@Shown("ROUGE of 100,000 pairs of 60 words, one thread")
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 1)
@Measurement(iterations = 3)
@Fork(1)
public class RougeBenchmark {
  private static final int PAIRS = 100_000;
  private static final int WORDS = 60;
  private static final int VOCABULARY = 20_000;

  /// Whether words lose their endings first.
  @Param({"false", "true"})
  public boolean stemmer;

  private List<Answered> rows = List.of();

  /// Makes the texts.
  @Setup
  public void prepare() {
    var random = Philox.of(1, 2);
    var made = new ArrayList<Answered>();
    for (int i = 0; i < PAIRS; i++) {
      made.add(new Answered(text(random), text(random)));
    }
    rows = made;
  }

  private static String text(Philox random) {
    var text = new StringBuilder();
    for (int i = 0; i < WORDS; i++) {
      // Rank and frequency about as in a language.
      int word = (int) Math.pow(VOCABULARY, random.nextDouble());
      text.append(i == 0 ? "" : " ").append(Integer.toString(word * 7919, 36)).append("ing");
    }
    return text.toString();
  }

  /// Scores all pairs.
  @Benchmark
  public double[] rouge() {
    return new Rouge(List.of("rouge1", "rouge2", "rougeL"), stemmer, Rouge.Split.NEWLINE)
        .measure(rows)
        .scores();
  }
}
