/// Backends through which every call can be watched, and one that computes nothing and counts: what a model's step would
/// cost a device is known so before there is a device. Start at [Dry].
///
/// Backends that prove the seam by computing late or letting nobody look in are in core's tests, package `testing`;
/// what a count means in time on a chip is reckoned by `quintet estimate`.
@NullMarked
package dev.quintet.core.instrument;

import org.jspecify.annotations.NullMarked;
