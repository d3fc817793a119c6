package dev.quintet.app.tuning;

/// An evaluation of a training.
///
/// @param step how many were done; 0 before the first
/// @param seconds spent in them
/// @param loss on the validation rows
/// @param score of the answers to them, by the score of the task
public record Point(long step, double seconds, double loss, double score) {}
