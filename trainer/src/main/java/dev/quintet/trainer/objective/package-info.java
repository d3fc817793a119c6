/// What a model is asked to do with its data. Start at [SpanCorruption], T5's pre-training. Sequence to sequence needs no
/// code of its own: it is [Examples#of][dev.quintet.trainer.data.Examples] of encoded pairs.
@NullMarked
package dev.quintet.trainer.objective;

import org.jspecify.annotations.NullMarked;
