/// Benchmarks of tokenizers, each beside the peer that Maven Central has for the JVM. Start at [EncodeBenchmark];
/// [Ratios] takes turns and prints ratios. What is measured is a [Subject] on a [Corpus]; nothing on the JVM trains
/// tokenizers, so [TrainBenchmark] has no peer.
@NullMarked
package dev.quintet.benchmarks.tokenizers;

import org.jspecify.annotations.NullMarked;
