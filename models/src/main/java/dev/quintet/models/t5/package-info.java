/// The T5 family: its configuration, its network and its heads, with Hugging Face's parameter names.
///
/// Start at [T5], then [T5Block]; [Architecture] lists the other models on the same stacks. Files are read and written
/// in `dev.quintet.models.checkpoint`, text is generated in `dev.quintet.models.generate`; what the single operations
/// compute is in core.
@NullMarked
package dev.quintet.models.t5;

import org.jspecify.annotations.NullMarked;
