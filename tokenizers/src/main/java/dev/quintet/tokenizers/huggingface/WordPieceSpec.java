package dev.quintet.tokenizers.huggingface;

/// A WordPiece model, as a `tokenizer.json` describes it.
///
/// @param vocabulary the pieces
/// @param unknown the token for words that cannot be put together from pieces
/// @param continuingPrefix what pieces begin with that do not begin a word
/// @param maxCharacters how many characters a word may have before it counts as unknown
public record WordPieceSpec(
    Vocabulary vocabulary, String unknown, String continuingPrefix, int maxCharacters)
    implements ModelSpec {}
