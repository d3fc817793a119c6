/// JMH benchmarks of single kernels, each beside a peer where one exists on the JVM, and what all of them share.
/// Start at [Forked]: how they are run. Whole steps and decoding are in `step`.
@NullMarked
package dev.quintet.benchmarks;

import org.jspecify.annotations.NullMarked;
