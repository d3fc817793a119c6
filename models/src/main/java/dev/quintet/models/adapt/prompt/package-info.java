/// Adapters that leave the network as it is and give it virtual tokens to look at: prompt tuning, p-tuning, prefix tuning.
///
/// Start at [PromptTuning]. Rows with virtual tokens are longer than others, so they have a batch of their own:
/// `dev.quintet.models.text` sees to that. The masks grow where the states do, in `dev.quintet.models.t5`.
@NullMarked
package dev.quintet.models.adapt.prompt;

import org.jspecify.annotations.NullMarked;
