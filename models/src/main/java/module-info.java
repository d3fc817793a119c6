/// The T5 family, checkpoints in Hugging Face's layout, generation and adapters.
module dev.quintet.models {
  requires static org.jspecify;
  requires transitive dev.quintet.core;
  requires transitive dev.quintet.tokenizers;
  requires java.net.http;

  exports dev.quintet.models.adapt;
  exports dev.quintet.models.adapt.bottleneck;
  exports dev.quintet.models.adapt.lora;
  exports dev.quintet.models.adapt.method;
  exports dev.quintet.models.adapt.prompt;
  exports dev.quintet.models.adapt.scale;
  exports dev.quintet.models.adapt.vocabulary;
  exports dev.quintet.models.checkpoint;
  exports dev.quintet.models.generate;
  exports dev.quintet.models.hub;
  exports dev.quintet.models.json;
  exports dev.quintet.models.t5;
  exports dev.quintet.models.text;
  exports dev.quintet.models.torch;
  exports dev.quintet.models.verify;
}
