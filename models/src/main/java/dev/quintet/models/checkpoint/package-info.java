/// Models as folders in Hugging Face's layout: `config.json`, `generation_config.json`, `model.safetensors` or
/// its shards, and `pytorch_model.bin` where that is asked for.
///
/// Start at [Checkpoint]; [Weights] are the tensors of any folder or file, [Conversion] rewrites them. What a safetensors
/// file looks like inside is in core, what a PyTorch file does in `dev.quintet.models.torch`; what the tensors compute is
/// in `dev.quintet.models.t5`; checkpoints of a training run, with moments and counters, are the trainer's.
@NullMarked
package dev.quintet.models.checkpoint;

import org.jspecify.annotations.NullMarked;
