/// Other people's libraries that benchmarks stand beside. They are called through method handles and found at run time, so that only
/// who runs benchmarks fetches them: start at [Blas]. Those of tokenizers are in `tokenizers`.
@NullMarked
package dev.quintet.benchmarks.peer;

import org.jspecify.annotations.NullMarked;
