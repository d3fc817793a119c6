/// The vectorised kernels: `Vector*`, one class per family of the SPI, and what only one of them uses. `Early*` has
/// their bits in plain Java and does small and first work ([EarlyForms][dev.quintet.core.cpu.work.EarlyForms] says how
/// long).
@NullMarked
package dev.quintet.core.cpu.vector;

import org.jspecify.annotations.NullMarked;
