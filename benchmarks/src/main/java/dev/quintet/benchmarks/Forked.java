package dev.quintet.benchmarks;

/// The Java options of the processes that JMH forks: those with which the launcher starts the command line.
///
/// `./quintet bench T5Step -prof gc` measures every class whose name contains `T5Step`, beside its peers, and `-Dquintet.threads=1`
/// behind it sets the number of threads, `-Dquintet.cpu=256` the vectors. JMH itself, by `java -cp ... org.openjdk.jmh.Main`, takes
/// `-jvmArgsAppend` in place of these options, not beside them: set properties by `-jvmArgsPrepend` there. On a shared processor,
/// compare only what ran in turns.
public final class Forked {
  /// The Vector API.
  public static final String VECTORS = "--add-modules=jdk.incubator.vector";

  /// Raw memory.
  public static final String MEMORY = "--enable-native-access=ALL-UNNAMED";

  /// The collector that costs least where there is hardly any garbage.
  public static final String COLLECTOR = "-XX:+UseParallelGC";

  /// With [#STRIPS], the loops that the default collector asks for.
  public static final String COUNTED = "-XX:+UseCountedLoopSafepoints";

  /// Loops in strips, as the default collector has them: without them the parallel collector's 256-bit matrix products
  /// reach two thirds (66 instead of 101 GFLOP/s).
  public static final String STRIPS = "-XX:LoopStripMiningIter=1000";

  private Forked() {}
}
