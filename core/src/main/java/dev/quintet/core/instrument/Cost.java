package dev.quintet.core.instrument;

/// What a call costs a device at least.
///
/// @param work what it computes
/// @param commands how many commands a device makes of it
/// @param flops floating-point operations of matrix products: attention's backward has five products, where its
///     forward has two; 0 for all else
/// @param bytes moved, each operand of a command once
public record Cost(Work work, long commands, long flops, long bytes) {}
