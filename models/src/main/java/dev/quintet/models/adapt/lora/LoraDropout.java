package dev.quintet.models.adapt.lora;

import dev.quintet.core.nn.Pass;
import dev.quintet.core.random.Site;
import dev.quintet.core.tensor.Tensor;

/// Dropout of what goes into an adapter; the model's own probabilities do not touch it.
///
/// @param probability how likely an element is dropped in training, from 0 to below 1
/// @param site the place
record LoraDropout(float probability, long site) {
  static LoraDropout at(String path, double probability) {
    return new LoraDropout((float) probability, Site.of(path + ".lora_dropout"));
  }

  boolean drops(Pass pass) {
    return pass.training() && probability > 0;
  }

  Tensor apply(Tensor x, Pass pass) {
    return drops(pass) ? x.dropout(pass.mask(probability, site)) : x;
  }
}
