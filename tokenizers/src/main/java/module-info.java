/// Byte-level BPE and SentencePiece: encode, decode, train. Stands alone.
module dev.quintet.tokenizers {
  requires static org.jspecify;
  requires tools.jackson.core;
}
