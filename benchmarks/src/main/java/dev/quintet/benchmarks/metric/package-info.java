/// How fast answers are scored.
@NullMarked
package dev.quintet.benchmarks.metric;

import org.jspecify.annotations.NullMarked;
