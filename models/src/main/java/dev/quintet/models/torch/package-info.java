/// PyTorch's own files (`pytorch_model.bin`), read without running anything that stands in them.
///
/// Start at [TorchFile]. A pickle is a program; this package follows the few instructions that a dictionary of tensors
/// takes and refuses every other one, and every name that is not on its short list, by name and offset. Which
/// tensors make a model is the business of `dev.quintet.models.checkpoint`, which reads such files only when asked to.
@NullMarked
package dev.quintet.models.torch;

import org.jspecify.annotations.NullMarked;
