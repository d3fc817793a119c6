package dev.quintet.benchmarks.tokenizers;

import dev.quintet.benchmarks.Forked;
import dev.quintet.benchmarks.contest.Counted;
import dev.quintet.benchmarks.contest.Note;
import dev.quintet.benchmarks.contest.Peer;
import dev.quintet.benchmarks.contest.Shown;
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

/// Encoding on one thread beside the peers: a string in, its ids out.
///
/// ```
/// ./quintet bench tokenizers.Encode -Dtokenizer.data=FOLDER
/// ```
///
/// `FOLDER` is described at [Corpus#FOLDER] and [Subject]; without it everything runs on what the JDK and the peers carry. The
/// column `megabytes` is what to compare. Hugging Face's tokenizers compute offsets whether one wants them or not: their
/// peer is `quintetWithOffsets`, that of the others `quintet`. Where others use the processor too, take [Ratios].
///
/// Measured in one turn on an AMD EPYC (family 26, model 2) that others used too, a model and prose that the JDK and the peer carry:
/// unigram 16.3 MB/s beside SentencePiece's 5.3.
@Shown(
    value = "encoding on one thread: a string in, its ids out",
    quick = {"subject=UNIGRAM,BYTE_BPE,CL100K", "corpus=ENGLISH"},
    rate = "megabytes",
    unit = "MB/s")
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(
    value = 1,
    jvmArgsAppend = {Forked.MEMORY, Forked.COLLECTOR, Forked.COUNTED, Forked.STRIPS})
public class EncodeBenchmark implements Counted {
  /// The model.
  @Param public Subject subject = Subject.UNIGRAM;

  /// The texts.
  @Param public Corpus corpus = Corpus.ENGLISH;

  private Texts texts;
  private Subject.Pair pair;
  private Codec withOffsets;
  private int next;

  /// Loads both sides and compares their ids.
  @Setup(Level.Trial)
  public void prepare() {
    texts = new Texts(corpus.texts());
    pair = subject.load();
    withOffsets = pair.ours().withOffsets();
    Note.say(texts.compared(pair));
  }

  /// Ours, ids alone.
  @Benchmark
  public Object quintet(Volume volume) {
    return encode(pair.ours(), volume);
  }

  /// Ours, with offsets.
  @Benchmark
  public Object quintetWithOffsets(Volume volume) {
    return encode(withOffsets, volume);
  }

  /// The peer.
  @Peer(
      value = "JNI, jtokkit",
      beside = {"quintet", "quintetWithOffsets"})
  @Benchmark
  public Object peer(Volume volume) {
    return encode(pair.theirs(), volume);
  }

  private Object encode(Codec codec, Volume volume) {
    next = next + 1 == texts.size() ? 0 : next + 1;
    volume.megabytes += texts.megabytes[next];
    return codec.encode(texts.texts[next]);
  }

  @Override
  public String peerName(String method, String name) {
    return subject.peerName();
  }

  @Override
  public boolean compares(String ours, String peer) {
    return ours.equals("quintetWithOffsets") == subject.peerComputesOffsets();
  }
}
