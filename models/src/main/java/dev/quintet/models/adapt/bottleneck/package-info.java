/// Bottleneck adapters: small networks behind or beside a model's layers.
///
/// Start at [Bottleneck]. peft has none, so their files are of a format of our own, version 1, in peft's two files:
/// `adapter_config.json` has `"peft_type": "BOTTLENECK"`, `"quintet_format": 1`, `form` (`houlsby`, `pfeiffer` or
/// `parallel`), `size` R, `activation` (a name of transformers), `scale` s, and what all methods share;
/// `adapter_model.safetensors` has for each place `base_model.model.` + its path + `.bottleneck.down.weight`, [R, D], and
/// `.bottleneck.up.weight`, [D, R]. With y the result of the place's attention or feed-forward layer, and x its input, y
/// becomes y + s up(activation(down(y))), in the parallel form y + s up(activation(down(x))); there are no biases.
@NullMarked
package dev.quintet.models.adapt.bottleneck;

import org.jspecify.annotations.NullMarked;
