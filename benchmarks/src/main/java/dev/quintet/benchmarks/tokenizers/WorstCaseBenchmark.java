package dev.quintet.benchmarks.tokenizers;

import dev.quintet.benchmarks.Forked;
import dev.quintet.benchmarks.contest.Shown;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/// Encoding of texts that make some tokenizers quadratic, one megabyte each, beside a corpus of the same size in its natural
/// pieces: the rate must stay near. Ours alone, since some of the peers would not come back. Run as [EncodeBenchmark] says.
///
/// Measured in one turn on an AMD EPYC (family 26, model 2), unigram: the corpus 21.8 MB/s, nothing but `a` 11.7.
@Shown(
    value = "encoding of texts that make some tokenizers quadratic",
    quick = {"subject=UNIGRAM,BYTE_BPE", "repeated=normal,a,space"},
    rate = "megabytes",
    unit = "MB/s")
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 3, time = 2)
@Fork(
    value = 1,
    jvmArgsAppend = {Forked.MEMORY, Forked.COLLECTOR, Forked.COUNTED, Forked.STRIPS})
public class WorstCaseBenchmark {
  static final int SIZE = 1_000_000;

  /// The model.
  @Param public Subject subject = Subject.UNIGRAM;

  /// What the text repeats; `normal` stands for lines of English.
  @Param({"normal", "a", "space", "ab", "newline", "0", "-", "é", "中", "random"})
  public String repeated = "normal";

  private Ours ours;
  private Texts texts;

  /// Makes the text.
  @Setup(Level.Trial)
  public void prepare() {
    ours = subject.loadOurs();
    texts = new Texts(texts(repeated));
  }

  /// One megabyte.
  @Benchmark
  public long quintet(Volume volume) {
    return encode(ours, texts, volume);
  }

  private static long encode(Codec codec, Texts texts, Volume volume) {
    long tokens = 0;
    for (int i = 0; i < texts.size(); i++) {
      tokens += codec.ids(codec.encode(texts.texts[i])).length;
      volume.megabytes += texts.megabytes[i];
    }
    return tokens;
  }

  /// The texts of one kind, a megabyte of UTF-8 together.
  static List<String> texts(String repeated) {
    return switch (repeated) {
      case "normal" -> Corpus.first(Corpus.ENGLISH.texts(), SIZE);
      case "space" -> List.of(" ".repeat(SIZE));
      case "newline" -> List.of("\n".repeat(SIZE));
      case "random" -> {
        var random = new SplittableRandom(7);
        var word = new StringBuilder();
        for (int i = 0; i < SIZE; i++) {
          word.append((char) ('a' + random.nextInt(26)));
        }
        yield List.of(word.toString());
      }
      default -> List.of(repeated.repeat(SIZE / Corpus.bytes(repeated)));
    };
  }
}
