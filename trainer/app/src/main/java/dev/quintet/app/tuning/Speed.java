package dev.quintet.app.tuning;

/// How soon trainings come up to a mark. One that never does counts with all the steps that it might have had, so the means are
/// at least so much.
///
/// @param reached how many came up to it
/// @param of how many
/// @param steps until then, the mean
/// @param seconds spent in them, the mean
public record Speed(int reached, int of, Score steps, Score seconds) {}
