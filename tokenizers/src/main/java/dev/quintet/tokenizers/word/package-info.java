/// Models that encode one word at a time, and what remembers the words that were seen before. Words are looked up whole
/// ([dev.quintet.tokenizers.word.WordLevel]), as the longest pieces from the left ([dev.quintet.tokenizers.word.WordPiece]), or as the most
/// probable pieces ([dev.quintet.tokenizers.word.WordUnigram]).
///
/// Start at [dev.quintet.tokenizers.word.WordModel]. Models that merge are in `dev.quintet.tokenizers.bpe`; SentencePiece's, which see a
/// whole text, are in `dev.quintet.tokenizers.sentencepiece`.
@NullMarked
package dev.quintet.tokenizers.word;

import org.jspecify.annotations.NullMarked;
