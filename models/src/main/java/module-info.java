/// The T5 family, checkpoints in Hugging Face's layout, generation and adapters.
module dev.quintet.models {
  requires static transitive org.jspecify;
  requires transitive dev.quintet.core;
  requires transitive dev.quintet.tokenizers;
  requires tools.jackson.core;
}
