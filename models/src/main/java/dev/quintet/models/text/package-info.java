/// Text in, text out: a model and its tokenizer as one thing, for one question or for a service: batches, streaming,
/// several answers, cancelling, closing.
///
/// Start at [TextToText]. Tokenizing alone is in the tokenizers module, generating from token ids in
/// `dev.quintet.models.generate`.
@NullMarked
package dev.quintet.models.text;

import org.jspecify.annotations.NullMarked;
