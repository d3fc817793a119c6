/// What a benchmark says of itself, so that `./quintet bench` can put it beside its peers and under the machine's roof:
/// start at [Shown]. Who reads this and runs them is in `run`; the peers' libraries are in `peer`.
@NullMarked
package dev.quintet.benchmarks.contest;

import org.jspecify.annotations.NullMarked;
