package dev.quintet.benchmarks.tokenizers;

import dev.quintet.benchmarks.Forked;
import dev.quintet.benchmarks.contest.Counted;
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

/// Decoding on one thread beside the peers: the ids of a text in, a string out; megabytes are those of the decoded text.
/// Run as [EncodeBenchmark] says.
///
/// Measured in one turn on an AMD EPYC (family 26, model 2) that others used too, models and prose that the JDK and the peers carry,
/// in MB/s: unigram 22.5 beside SentencePiece's 6.3, BPE of bytes 45.7 beside Hugging Face's 15.5, CL100K 235 beside jtokkit's 30.
@Shown(
    value = "decoding on one thread: ids in, a string out",
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
public class DecodeBenchmark implements Counted {
  /// The model.
  @Param public Subject subject = Subject.UNIGRAM;

  /// The texts.
  @Param public Corpus corpus = Corpus.ENGLISH;

  private Decoded ours;
  private Decoded theirs;

  /// Encodes the texts on both sides.
  @Setup(Level.Trial)
  public void prepare() {
    Texts texts = new Texts(corpus.texts());
    Subject.Pair pair = subject.load();
    ours = new Decoded(pair.ours(), texts);
    theirs = new Decoded(pair.theirs(), texts);
  }

  /// Ours.
  @Benchmark
  public String quintet(Volume volume) {
    return ours.next(volume);
  }

  /// The peer.
  @Peer(value = "JNI, jtokkit", beside = "quintet")
  @Benchmark
  public String peer(Volume volume) {
    return theirs.next(volume);
  }

  private static final class Decoded {
    private final Codec codec;
    private final Object[] encoded;
    private final double[] megabytes;
    private int next;

    Decoded(Codec codec, Texts texts) {
      this.codec = codec;
      this.encoded = new Object[texts.size()];
      this.megabytes = new double[texts.size()];
      for (int i = 0; i < encoded.length; i++) {
        encoded[i] = codec.encode(texts.texts[i]);
        megabytes[i] = 1e-6 * Corpus.bytes(codec.decode(encoded[i]));
      }
    }

    String next(Volume volume) {
      next = next + 1 == encoded.length ? 0 : next + 1;
      volume.megabytes += megabytes[next];
      return codec.decode(encoded[next]);
    }
  }

  @Override
  public String peerName(String method, String name) {
    return subject.peerName();
  }
}
