package dev.quintet.benchmarks;

import dev.quintet.benchmarks.contest.Shown;
import dev.quintet.trainer.metric.Answered;
import dev.quintet.trainer.metric.translation.Bleu;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/// BLEU of 100,000 pairs of 60 words on one thread.
///
/// Run with the JMH pattern `BleuBenchmark`.
///
/// Measured once on an AMD EPYC (family 26, model 2) that others used too: 3.0 s.
@Shown("BLEU of 100,000 pairs of 60 words, one thread")
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 1)
@Measurement(iterations = 3)
@Fork(
    value = 1,
    jvmArgsAppend = {"-Xmx3g", "-XX:+UseSerialGC"})
public class BleuBenchmark {
  private static final int PAIRS = 100_000;
  private static final int LENGTH = 60;
  private static final int VOCABULARY = 20_000;

  private List<Answered> rows;

  /// Makes sentences of words by Zipf's law, a fifth of which differ from the reference.
  @Setup
  public void prepare() {
    var random = new SplittableRandom(1);
    rows = new ArrayList<>(PAIRS);
    for (int i = 0; i < PAIRS; i++) {
      var answer = new StringBuilder();
      var reference = new StringBuilder();
      for (int w = 0; w < LENGTH; w++) {
        String word = word(random);
        reference.append(word).append(w % 12 == 11 ? ", " : " ");
        answer.append(random.nextInt(5) == 0 ? word(random) : word).append(' ');
      }
      rows.add(new Answered(answer.append('.').toString(), reference.append('.').toString()));
    }
  }

  private static String word(SplittableRandom random) {
    return "w" + (int) Math.pow(VOCABULARY, random.nextDouble());
  }

  /// The score of the corpus.
  @Benchmark
  public double score() {
    return Bleu.DEFAULT.measure(rows).scores()[0];
  }
}
