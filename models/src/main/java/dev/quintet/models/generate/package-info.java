/// Text generation as transformers does it: token ids in, token ids out; greedy, by beams, or drawn at random.
/// [GenerationOption] lists the options, `Processors` has what changes scores, in its order.
///
/// Start at [Generator]. The network is in `dev.quintet.models.t5`; text and tokenizers come in with
/// `dev.quintet.models.text`. Section references in this package are to transformers' `generation/logits_process.py`.
@NullMarked
package dev.quintet.models.generate;

import org.jspecify.annotations.NullMarked;
