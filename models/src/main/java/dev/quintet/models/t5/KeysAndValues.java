package dev.quintet.models.t5;

import dev.quintet.core.tensor.Tensor;

/// What an attention attends to.
///
/// @param keys `[B, S, H, K]`
/// @param values `[B, S, H, K]`
public record KeysAndValues(Tensor keys, Tensor values) {}
