/// Adapters of low rank: LoRA and what was made of it, DoRA and AdaLoRA.
///
/// Start at [Lora]. Where deltas stand and how they share a batch is deliberately elsewhere, in
/// `dev.quintet.models.adapt.method`.
@NullMarked
package dev.quintet.models.adapt.lora;

import org.jspecify.annotations.NullMarked;
