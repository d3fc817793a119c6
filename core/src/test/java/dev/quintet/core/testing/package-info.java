/// Backends that prove the seam between tensors and devices, for the tests of every module: [Glass] lets nobody look in,
/// [Deferred] computes late. Start at [dev.quintet.core.instrument.Instrument], through which every call passes; a third one,
/// [dev.quintet.core.instrument.Dry], only counts, and is no test.
///
/// Whole test classes run on one of the first two as the device `cpu` where the system property
/// `quintet.testing.backend` names it: see [TestingProvider]. A test that wants one beside the processor calls
/// `Glass.open()`, `Deferred.open()` or `Dry.open()`.
@NullMarked
package dev.quintet.core.testing;

import org.jspecify.annotations.NullMarked;
