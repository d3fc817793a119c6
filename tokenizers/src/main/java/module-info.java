/// Tokenizers on the JVM alone: SentencePiece (unigram, BPE, characters, words) and byte-level BPE,
/// their trainers, and the files that describe them.
///
/// Start at [dev.quintet.tokenizers.Tokenizer].
module dev.quintet.tokenizers {
  requires static transitive org.jspecify;
  requires tools.jackson.core;

  uses dev.quintet.tokenizers.TokenizerFormat;

  provides dev.quintet.tokenizers.TokenizerFormat with
      dev.quintet.tokenizers.bytes.ByteTokenizerFormat,
      dev.quintet.tokenizers.dual.DualTokenizerFormat;

  exports dev.quintet.tokenizers;
  exports dev.quintet.tokenizers.bpe;
  exports dev.quintet.tokenizers.bytes;
  exports dev.quintet.tokenizers.compare;
  exports dev.quintet.tokenizers.dual;
  exports dev.quintet.tokenizers.file;
  exports dev.quintet.tokenizers.huggingface;
  exports dev.quintet.tokenizers.normalize;
  exports dev.quintet.tokenizers.pretokenize;
  exports dev.quintet.tokenizers.sentencepiece;
  exports dev.quintet.tokenizers.sentencepiece.file;
  exports dev.quintet.tokenizers.sentencepiece.normalize;
  exports dev.quintet.tokenizers.sentencepiece.train;
  exports dev.quintet.tokenizers.text;
  exports dev.quintet.tokenizers.word;
}
