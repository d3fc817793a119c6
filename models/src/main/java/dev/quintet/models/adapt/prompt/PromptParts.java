package dev.quintet.models.adapt.prompt;

import dev.quintet.core.nn.Pass;
import dev.quintet.core.tensor.Parameter;
import dev.quintet.core.tensor.Tensor;
import dev.quintet.models.adapt.method.AdapterMethod;
import dev.quintet.models.adapt.method.AdapterParts;
import java.util.LinkedHashMap;
import java.util.Map;

/// An adapter of virtual tokens. A file holds their numbers, and nothing of a network that made them.
///
/// @param method with the sizes of the model
/// @param tokens the virtual tokens
record PromptParts(AdapterMethod method, VirtualTokens tokens) implements AdapterParts {
  @Override
  public Map<String, Tensor> stored(Map<String, Parameter> trained) {
    var stored = new LinkedHashMap<String, Tensor>(trained);
    if (tokens.computed()) {
      stored.values().removeIf(one -> one instanceof Parameter own && tokens.holds(own));
      stored.put(VirtualTokens.STORED, tokens.all(Pass.inference()));
    }
    return stored;
  }
}
