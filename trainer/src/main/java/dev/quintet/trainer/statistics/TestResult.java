package dev.quintet.trainer.statistics;

/// What a test says.
///
/// @param statistic how far the systems are apart, in the test's measure
/// @param p how likely that or more would be if they were equally good; NaN where the test says nothing
public record TestResult(double statistic, double p) {}
