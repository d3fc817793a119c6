package dev.quintet.models.t5;

import dev.quintet.core.nn.ParameterSource;
import dev.quintet.core.random.Site;
import dev.quintet.core.shape.Device;
import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.Parameter;

/// Initial weights: normal, with transformers' deviations (`_init_weights` of `modeling_t5.py`), except for the head.
///
/// @param config sizes
/// @param seed the run's seed
/// @param device where the parameters lie
/// @param headLikeTransformers whether the head's deviation is 1 rather than D^-0.5
record T5Initializer(T5Config config, long seed, Device device, boolean headLikeTransformers)
    implements ParameterSource {

  @Override
  public Parameter make(String name, Shape shape) {
    float factor = config.initializerFactor();
    if (name.endsWith("layer_norm.weight")) {
      return Parameter.full(shape, factor, device);
    }
    if (name.endsWith(".bias")) {
      return Parameter.full(shape, 0, device);
    }
    return Parameter.normal(shape, factor * deviation(name), seed ^ Site.of(name), device);
  }

  /// The deviation of a matrix, before the factor.
  double deviation(String name) {
    double width = config.modelWidth();
    String[] words = name.split("\\.");
    String kind = words[words.length - 2];
    return switch (kind) {
      case "shared", "embed_tokens", "classifier" -> 1;
      case "lm_head" -> headLikeTransformers ? 1 : Math.pow(width, -0.5);
      case "q" -> Math.pow(width * config.headWidth(), -0.5);
      case "k",
          "v",
          "relative_attention_bias",
          "wi",
          "wi_0",
          "wi_1",
          "dense",
          "out_proj",
          "qa_outputs" ->
          Math.pow(width, -0.5);
      case "o" -> Math.pow(config.attentionWidth(), -0.5);
      case "wo" -> Math.pow(config.innerWidth(), -0.5);
      default ->
          throw new IllegalArgumentException("there is no rule for the initial weights of " + name);
    };
  }
}
