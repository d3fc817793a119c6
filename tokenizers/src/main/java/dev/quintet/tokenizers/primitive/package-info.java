/// A heap, a table and a sort of primitive numbers, without boxing.
///
/// Start at [dev.quintet.tokenizers.primitive.LongHeap]. Tables that only one model needs stand beside it.
@NullMarked
package dev.quintet.tokenizers.primitive;

import org.jspecify.annotations.NullMarked;
