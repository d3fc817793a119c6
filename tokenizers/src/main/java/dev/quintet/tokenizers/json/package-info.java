/// JSON, read strictly and written as Hugging Face's library spells it. Large arrays go by without a tree.
///
/// Start at [dev.quintet.tokenizers.json.JsonReader]. What the files mean is in `dev.quintet.tokenizers.huggingface`.
@NullMarked
package dev.quintet.tokenizers.json;

import org.jspecify.annotations.NullMarked;
