/// Tokenizers on the JVM alone: SentencePiece (unigram, BPE, characters, words) and byte-level BPE,
/// their trainers, and the files that describe them.
///
/// Start at [dev.quintet.tokenizers.tokenizer.Tokenizer].
module dev.quintet.tokenizers {
  requires static transitive org.jspecify;
  requires tools.jackson.core;

  uses dev.quintet.tokenizers.tokenizer.TokenizerFormat;

  provides dev.quintet.tokenizers.tokenizer.TokenizerFormat with
      dev.quintet.tokenizers.bytes.ByteTokenizerFormat,
      dev.quintet.tokenizers.dual.DualTokenizerFormat;

  exports dev.quintet.tokenizers.bpe;
  exports dev.quintet.tokenizers.bytes;
  exports dev.quintet.tokenizers.compare;
  exports dev.quintet.tokenizers.dual;
  exports dev.quintet.tokenizers.format;
  exports dev.quintet.tokenizers.normalize;
  exports dev.quintet.tokenizers.pretokenize;
  exports dev.quintet.tokenizers.sentencepiece;
  exports dev.quintet.tokenizers.token;
  exports dev.quintet.tokenizers.tokenizer;
  exports dev.quintet.tokenizers.train;
  exports dev.quintet.tokenizers.unigram;
  exports dev.quintet.tokenizers.wordpiece;
}
