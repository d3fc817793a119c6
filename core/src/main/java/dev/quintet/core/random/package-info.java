/// Counter-based randomness: every random number is a pure function of a seed, a place and an
/// index. Nothing here depends on threads, on the clock or on the order in which numbers are asked
/// for.
///
/// Start at [Philox]. [RandomField] fills parameters, [Permutation] shuffles, [Site] turns a module
/// path into a number. Which elements dropout drops is defined in
/// `dev.quintet.core.backend.DropoutMask`, over [Philox#block] with 7 rounds; its vectorised
/// kernels are in the CPU backend.
///
/// ## Layout
///
/// The generator is Philox4x32 of Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy
/// as 1, 2, 3" (SC 2011). A block is four 32-bit words `w0..w3`, a function of a 128-bit counter
/// `c0..c3`, a 64-bit key `k0..k1` (`k0` is its low half) and a number of rounds. `mix64` is
/// SplitMix64's finaliser ([Site#mix64]) and
/// `key(seed, site) = mix64(mix64(seed + 0x9E3779B97F4A7C15) ^ site)` ([Philox#key]).
///
/// | use | rounds | key | c0, c1 (low half, high half of) | c2, c3 |
/// |---|---|---|---|---|
/// | stream ([Philox]) | 10 | seed | block | stream, low half and high half |
/// | initial values ([RandomField]) | 10 | key(seed, site) | index / 4 | `0x696E6974`, -1 |
/// | dropout (`DropoutMask`) | 7 | seed | see there | see there |
///
/// - **Stream.** Number n of a stream (64 bits) comes from block n / 2: `w0 | w1 << 32` where n is
///   even, `w2 | w3 << 32` where it is odd.
/// - **Initial values.** Uniform: element i is the upper 24 bits of word i % 4. Normal: Box-Muller
///   on (w0, w1) gives elements 0 (cosine) and 1 (sine) of the four, on (w2, w3) elements 2 and 3.
@NullMarked
package dev.quintet.core.random;

import org.jspecify.annotations.NullMarked;
