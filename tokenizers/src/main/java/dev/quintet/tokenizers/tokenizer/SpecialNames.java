package dev.quintet.tokenizers.tokenizer;

/// What the tokens for padding, the end of a sequence and the unknown are called.
record SpecialNames(String pad, String eos, String unknown) {
  static final SpecialNames DEFAULT = new SpecialNames("<pad>", "</s>", "<unk>");
}
