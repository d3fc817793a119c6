/// The T5 family: its configuration and its network, with Hugging Face's parameter names.
///
/// Start at [T5], then [T5Block]. Files are read and written in `dev.quintet.models.checkpoint`, text is
/// generated in `dev.quintet.models.generate`; what the single operations compute is in core.
@NullMarked
package dev.quintet.models.t5;

import org.jspecify.annotations.NullMarked;
