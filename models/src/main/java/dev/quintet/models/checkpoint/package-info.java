/// Models as folders in Hugging Face's layout: `config.json`, `generation_config.json`, `model.safetensors` or
/// its shards.
///
/// Start at [Checkpoint]. What a safetensors file looks like inside is core's business, what the tensors
/// compute is `dev.quintet.models.t5`'s; checkpoints of a training run, with moments and counters, are the trainer's.
@NullMarked
package dev.quintet.models.checkpoint;

import org.jspecify.annotations.NullMarked;
