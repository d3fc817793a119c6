/// Loops and functions over the lanes of vectors, for any kernel: [Lanes] (the vector shape and the only way to add
/// lanes), [VectorMath] (functions) and [Tails] (the elements that do not fill a vector).
@NullMarked
package dev.quintet.core.cpu.lane;

import org.jspecify.annotations.NullMarked;
