/// JMH benchmarks of single kernels, each beside a peer where one exists on the JVM, and what all of them share.
/// `benchmarks/README.md` goes through all of them in order, as a course, from [NormBenchmark] on; [Forked] says how they
/// are run. Whole steps and decoding are in `step`, tokenizers in `tokenizers`.
@NullMarked
package dev.quintet.benchmarks;

import org.jspecify.annotations.NullMarked;
