package dev.quintet.benchmarks;

/// The Java options of the processes that JMH forks: those with which the launcher starts the command line.
///
/// All benchmarks are built and one is run, here every class whose name contains `T5Step`, by
///
/// ```
/// mvn -q -Dfast -Dmaven.test.skip=true -Pbenchmarks -pl benchmarks -am verify -Dbench="T5Step -prof gc"
/// ```
///
/// and run again, by any JDK 25, with `java -jar benchmarks/target/benchmarks.jar T5Step -prof gc`. The profile also
/// fetches the peers' native libraries. `-jvmArgsAppend -Dquintet.threads=1` sets the number of threads and
/// `-jvmArgsAppend -Dquintet.cpu=256` the vectors; `-f 3` forks three times, as published figures want, and
/// `-rff FILE -rf json` writes them down. On a shared processor, compare only what ran in turns.
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
