/// How far scores can be trusted, and whether one system is better than another.
///
/// Start at [dev.quintet.trainer.statistics.Bootstrap] for the interval of a score and
/// [dev.quintet.trainer.statistics.PairedBootstrap] for two systems. Both draw rows, or groups of them, again and again, and
/// score the sums of their statistics, so that scores of a whole corpus have intervals too. Quantiles of distributions
/// come from Apache Commons Math, which the program has to bring along; percentile intervals do without.
@NullMarked
package dev.quintet.trainer.statistics;

import org.jspecify.annotations.NullMarked;
