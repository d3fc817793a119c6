package dev.quintet.core.random;

/// Where a [Philox] generator stands: all that is needed to continue it bit for bit.
///
/// @param seed the 64-bit key
/// @param stream which of the seed's 2^64 independent streams
/// @param position how many 64-bit numbers have been drawn, as an unsigned number
public record PhiloxState(long seed, long stream, long position) {}
