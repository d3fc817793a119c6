/// Adapters: small parts that are trained in place of a whole model, sit on it in any number, and are exchanged with peft.
///
/// Start at [Adapters]. A method of adapting is a folder beside this one: `lora`, `scale`, `prompt`, `bottleneck`; what
/// they have in common is in `method`. Giving a model another vocabulary is deliberately elsewhere, in `vocabulary`.
@NullMarked
package dev.quintet.models.adapt;

import org.jspecify.annotations.NullMarked;
