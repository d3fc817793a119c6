/// `./quintet bench`: finds the benchmarks whose names match, has JMH measure them and their peers in turns, and shows what came of
/// it beside what the machine can do and beside an earlier run.
///
/// Start at [Bench]. [Turns] measures, [Probe] finds out what the machine can do, [Report] is a run as its JSON file keeps it,
/// [BenchTable] and [BenchPage] show it. What benchmarks say of themselves is in `contest`.
@NullMarked
package dev.quintet.benchmarks.run;

import org.jspecify.annotations.NullMarked;
