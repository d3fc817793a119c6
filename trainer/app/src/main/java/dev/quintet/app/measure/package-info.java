/// Measures Quintet on a CUDA device in a few minutes, part by part; what `quintet bundle` packs runs this.
///
/// Start at [Measure]. Each part is a process of its own, so that one which fails or hangs costs no other.
@NullMarked
package dev.quintet.app.measure;

import org.jspecify.annotations.NullMarked;
