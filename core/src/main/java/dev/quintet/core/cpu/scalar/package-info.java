/// The fallback in plain Java, which needs no vector module: `Scalar*`, one class per family of the SPI.
@NullMarked
package dev.quintet.core.cpu.scalar;

import org.jspecify.annotations.NullMarked;
