/// The models whose words are looked up: whole ([dev.quintet.tokenizers.wordpiece.WordLevel]), or as
/// the longest pieces from the left ([dev.quintet.tokenizers.wordpiece.WordPiece]). They are there so that every
/// `tokenizer.json` can be read.
///
/// Start at [dev.quintet.tokenizers.wordpiece.WordPiece]. Models that choose among ways to cut a word are in `bpe`
/// and `unigram`.
@NullMarked
package dev.quintet.tokenizers.wordpiece;

import org.jspecify.annotations.NullMarked;
