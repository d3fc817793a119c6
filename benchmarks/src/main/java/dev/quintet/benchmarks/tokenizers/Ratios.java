package dev.quintet.benchmarks.tokenizers;

import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.IntConsumer;

/// Prints how many times as fast as its peer each tokenizer is, both taking turns in one process on one thread: fairer than
/// [EncodeBenchmark] where others use the processor too.
///
/// ```
/// java -XX:+UseParallelGC --enable-native-access=ALL-UNNAMED -Dtokenizer.data=FOLDER \
///   -cp "benchmarks/target/benchmarks.jar:benchmarks/target/lib/*" dev.quintet.benchmarks.tokenizers.Ratios
/// ```
///
/// `FOLDER` is described at [Corpus#FOLDER]. Arguments choose: names of subjects, of corpora, and `encode`, `decode`, `worst`; without
/// any, all. A corpus is cut into parts of a quarter of a megabyte; in each of some sweeps both sides take each part in turn, and each
/// side's time of a part is its best. So caches see a whole corpus between two visits, and a disturbance
/// of some milliseconds costs nothing. Where others keep all processors busy, `-Dtokenizer.clock=cpu` counts the time that this
/// thread had one, which leaves out garbage collection.
public final class Ratios {
  private static final double PART = 0.25;
  private static final int SWEEPS = 4;
  private static final boolean PROCESSOR_TIME =
      System.getProperty("tokenizer.clock", "wall").equals("cpu");
  private static final long WARM_NANOSECONDS = 1_500_000_000L;

  private Ratios() {}

  /// Measures.
  ///
  /// @param wanted what
  public static void main(String... wanted) {
    List<String> names = Arrays.stream(wanted).map(name -> name.toUpperCase(Locale.ROOT)).toList();
    for (Subject subject : Subject.values()) {
      if (!wanted(names, Subject.values(), subject) || !subject.isThere()) {
        continue;
      }
      Subject.Pair pair = subject.load();
      for (Corpus corpus : Corpus.values()) {
        if (wanted(names, Corpus.values(), corpus)) {
          Texts texts = new Texts(corpus.texts());
          System.out.printf(
              "%s, %s (%.1f MB): %s%n", subject, corpus, texts.sum(), texts.compared(pair));
          if (wanted(names, Work.values(), Work.ENCODE)) {
            encode(subject, pair, texts);
          }
          if (wanted(names, Work.values(), Work.DECODE)) {
            decode(subject, pair, texts);
          }
        }
      }
      if (wanted(names, Work.values(), Work.WORST)) {
        worst(subject, pair.ours());
      }
    }
  }

  private enum Work {
    ENCODE,
    DECODE,
    WORST
  }

  /// Whether one of a kind is named, or none of its kind is.
  private static boolean wanted(List<String> names, Enum<?>[] kind, Enum<?> one) {
    return names.contains(one.name())
        || Arrays.stream(kind).noneMatch(other -> names.contains(other.name()));
  }

  private static void encode(Subject subject, Subject.Pair pair, Texts texts) {
    encode("encode to ids", subject, pair.ours(), pair.theirs(), texts);
    if (subject.peerComputesOffsets()) {
      encode("encode with offsets", subject, pair.ours().withOffsets(), pair.theirs(), texts);
    }
  }

  private static void encode(String work, Subject subject, Codec ours, Codec theirs, Texts texts) {
    double[] seconds =
        turns(
            texts,
            i -> sink += ours.encode(texts.texts[i]) == theirs ? 1 : 0,
            i -> sink += theirs.encode(texts.texts[i]) == ours ? 1 : 0);
    print(work, subject, texts.sum(), seconds[0], seconds[1]);
  }

  private static void decode(Subject subject, Subject.Pair pair, Texts texts) {
    Object[] ours = new Object[texts.size()];
    Object[] theirs = new Object[texts.size()];
    double megabytes = 0;
    for (int i = 0; i < ours.length; i++) {
      ours[i] = pair.ours().encode(texts.texts[i]);
      theirs[i] = pair.theirs().encode(texts.texts[i]);
      megabytes += 1e-6 * Corpus.bytes(pair.ours().decode(ours[i]));
    }
    double[] seconds =
        turns(
            texts,
            i -> sink += pair.ours().decode(ours[i]).length(),
            i -> sink += pair.theirs().decode(theirs[i]).length());
    print("decode", subject, megabytes, seconds[0], seconds[1]);
  }

  private static void worst(Subject subject, Ours ours) {
    Texts normal = new Texts(WorstCaseBenchmark.texts("normal"));
    for (String repeated : List.of("a", "space", "ab", "newline", "0", "-", "é", "中", "random")) {
      Texts texts = new Texts(WorstCaseBenchmark.texts(repeated));
      double usual = Double.MAX_VALUE;
      double worst = Double.MAX_VALUE;
      for (int sweep = 0; sweep < SWEEPS + 2; sweep++) {
        usual = Math.min(usual, time(0, normal.size(), i -> count(ours, normal, i)));
        worst = Math.min(worst, time(0, 1, i -> count(ours, texts, i)));
      }
      System.out.printf(
          "  %-20s %8.1f MB/s, usual rate %8.1f MB/s, time %5.2f times the usual%n",
          "1 MB of " + repeated,
          texts.sum() / worst,
          normal.sum() / usual,
          worst / texts.sum() / (usual / normal.sum()));
    }
  }

  private static void count(Ours ours, Texts texts, int i) {
    sink += ours.encode(texts.texts[i]).length;
  }

  private static void print(
      String work, Subject subject, double megabytes, double ours, double theirs) {
    System.out.printf(
        "  %-20s %8.1f MB/s, %s %8.1f MB/s, ratio %6.2f%n",
        work, megabytes / ours, subject.peerName(), megabytes / theirs, theirs / ours);
  }

  /// The seconds that each side takes for all texts.
  private static double[] turns(Texts texts, IntConsumer... sides) {
    double[][] best = new double[sides.length][texts.size()];
    for (int side = 0; side < sides.length; side++) {
      Arrays.fill(best[side], Double.MAX_VALUE);
      long end = System.nanoTime() + WARM_NANOSECONDS;
      for (int i = 0; System.nanoTime() < end; i = (i + 1) % texts.size()) {
        sides[side].accept(i);
      }
    }
    for (int sweep = 0; sweep < SWEEPS; sweep++) {
      for (int from = 0; from < texts.size(); ) {
        int to = from;
        for (double size = 0; to < texts.size() && size < PART; to++) {
          size += texts.megabytes[to];
        }
        for (int side = 0; side < sides.length; side++) {
          best[side][from] = Math.min(best[side][from], time(from, to, sides[side]));
        }
        from = to;
      }
    }
    return Arrays.stream(best)
        .mapToDouble(parts -> Arrays.stream(parts).filter(s -> s < Double.MAX_VALUE).sum())
        .toArray();
  }

  private static double time(int from, int to, IntConsumer side) {
    long start = now();
    for (int i = from; i < to; i++) {
      side.accept(i);
    }
    return 1e-9 * (now() - start);
  }

  private static long now() {
    return PROCESSOR_TIME
        ? ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime()
        : System.nanoTime();
  }

  /// Keeps the compiler from leaving the work out.
  private static volatile long sink;
}
