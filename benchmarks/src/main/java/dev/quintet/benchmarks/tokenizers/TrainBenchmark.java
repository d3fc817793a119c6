package dev.quintet.benchmarks.tokenizers;

import dev.quintet.benchmarks.Forked;
import dev.quintet.benchmarks.contest.Shown;
import dev.quintet.tokenizers.bpe.ByteBpeTrainer;
import dev.quintet.tokenizers.huggingface.TokenizerJson;
import dev.quintet.tokenizers.sentencepiece.SentencePieceTrainer;
import dev.quintet.tokenizers.sentencepiece.file.SentencePieceModel;
import java.util.List;
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

/// Training of 4,000 pieces on a megabyte of one corpus, on one thread. Nothing else on the JVM trains these models, so
/// there is no peer here. Run as [EncodeBenchmark] says.
///
/// Measured in one turn on an AMD EPYC (family 26, model 2), prose of the JDK's comments: BPE 0.37 s, BPE of bytes 0.11 s, unigram
/// 0.48 s.
@Shown(value = "training of 4,000 pieces on a megabyte, one thread", quick = "corpus=ENGLISH")
@State(Scope.Thread)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3)
@Measurement(iterations = 5)
@Fork(
    value = 1,
    jvmArgsAppend = {Forked.MEMORY, Forked.COLLECTOR, Forked.COUNTED, Forked.STRIPS})
public class TrainBenchmark {
  private static final int SIZE = 1_000_000;

  /// The texts.
  @Param public Corpus corpus = Corpus.ENGLISH;

  private List<String> lines;

  /// Reads the texts.
  @Setup(Level.Trial)
  public void prepare() {
    lines =
        Corpus.first(corpus.texts(), SIZE).stream()
            .flatMap(String::lines)
            .map(line -> line + "\n")
            .toList();
  }

  /// SentencePiece, unigram.
  @Benchmark
  public SentencePieceModel unigram() {
    return SentencePieceTrainer.train(Subject.stripped(lines), Subject.options("unigram", 1));
  }

  /// SentencePiece, BPE.
  @Benchmark
  public SentencePieceModel bpe() {
    return SentencePieceTrainer.train(Subject.stripped(lines), Subject.options("bpe", 1));
  }

  /// Byte-level BPE as Hugging Face's tokenizers train it.
  @Benchmark
  public TokenizerJson byteBpe() {
    return ByteBpeTrainer.of(Subject.PIECES).train(lines);
  }
}
