/// SentencePiece's files: the model, a protocol buffer that is written back byte for byte, and the list of pieces
/// beside it.
///
/// Start at [dev.quintet.tokenizers.sentencepiece.file.SentencePieceModel]. Encoding with a model is in
/// `dev.quintet.tokenizers.sentencepiece`.
@NullMarked
package dev.quintet.tokenizers.sentencepiece.file;

import org.jspecify.annotations.NullMarked;
