package dev.quintet.models.adapt.prompt;

import dev.quintet.models.adapt.method.AdapterException;
import dev.quintet.models.adapt.method.AdapterFields;
import java.util.LinkedHashMap;
import java.util.Map;

/// What peft's files of virtual tokens say of their number and of the model; 0 where it is the model's to say.
///
/// @param tokens N, how many stand before an input or before a decoder's keys
/// @param width `token_dim`, the numbers of each in one place
/// @param heads `num_attention_heads`
/// @param layers `num_layers`
/// @param stacks `num_transformer_submodules`: 2, as T5 has an encoder and a decoder
public record PromptSizes(int tokens, int width, int heads, int layers, int stacks) {
  private static final int STACKS = 2;

  /// Checks the numbers.
  ///
  /// @throws AdapterException if there is no token, or more than two stacks
  public PromptSizes {
    if (tokens < 1) {
      throw new AdapterException("num_virtual_tokens is at least 1, not " + tokens);
    }
    if (stacks != 1 && stacks != STACKS) {
      throw new AdapterException("num_transformer_submodules is 1 or 2 for T5, not " + stacks);
    }
  }

  /// So many tokens, all else as the model has it.
  public static PromptSizes of(int tokens) {
    return new PromptSizes(tokens, 0, 0, 0, STACKS);
  }

  /// Out of a file or configuration, which must tell the number of tokens.
  static PromptSizes read(AdapterFields fields) {
    return new PromptSizes(
        fields.count("num_virtual_tokens", 0),
        fields.whole("token_dim", 0),
        fields.whole("num_attention_heads", 0),
        fields.whole("num_layers", 0),
        fields.whole("num_transformer_submodules", STACKS));
  }

  /// With the model's own numbers where none are given.
  PromptSizes on(int ownWidth, int ownHeads, int ownLayers) {
    return new PromptSizes(
        tokens,
        width > 0 ? width : ownWidth,
        heads > 0 ? heads : ownHeads,
        layers > 0 ? layers : ownLayers,
        stacks);
  }

  /// The rows of a table that has as many tokens for each stack.
  int rows() {
    return Math.multiplyExact(tokens, stacks);
  }

  Map<String, Object> fields() {
    var fields = new LinkedHashMap<String, Object>();
    fields.put("num_virtual_tokens", tokens);
    put(fields, "token_dim", width);
    put(fields, "num_attention_heads", heads);
    put(fields, "num_layers", layers);
    put(fields, "num_transformer_submodules", stacks);
    return fields;
  }

  private static void put(Map<String, Object> fields, String key, int value) {
    if (value > 0) {
      fields.put(key, value);
    }
  }
}
