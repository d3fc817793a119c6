package dev.quintet.models.adapt.prompt;

import dev.quintet.core.nn.Init;
import dev.quintet.core.tensor.Tensor;
import dev.quintet.models.adapt.method.AdapterException;
import dev.quintet.models.adapt.method.AdapterFields;
import dev.quintet.models.adapt.method.AdapterKind;
import dev.quintet.models.adapt.method.AdapterMethod;
import dev.quintet.models.adapt.method.AdapterParts;
import dev.quintet.models.adapt.method.Attachment;
import dev.quintet.models.t5.T5Config;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Prefix tuning: trained keys and values stand before those of each self-attention of the decoder (Li and Liang, arXiv
/// 2101.00190).
///
/// A row of the table has 2 L blocks of `token_dim`. As in peft 0.21, layer i of T5's decoder takes its keys from block
/// 4 i mod 2 L and its values from the next one: half of the blocks stay unused, and layers i and i + L / 2 share theirs.
///
/// @param sizes how many there are, and what the model's sizes must be
/// @param projected whether a small network makes the numbers while they train; files hold the numbers alone
/// @param hidden the width of that network's hidden layer; 0 for `token_dim`
/// @param zeros whether new numbers begin with 0
/// @param modulesToSave modules that are trained as a whole beside
public record PrefixTuning(
    PromptSizes sizes, boolean projected, int hidden, boolean zeros, List<String> modulesToSave)
    implements AdapterMethod {
  /// How files and configurations name it.
  public static final AdapterKind KIND =
      new AdapterKind(
          "prefix",
          "PREFIX_TUNING",
          Map.of(
              "tokens", "num_virtual_tokens",
              "projection", "prefix_projection",
              "hidden", "encoder_hidden_size",
              "init", "init_weights"),
          PrefixTuning::read);

  /// Copies the list.
  public PrefixTuning {
    modulesToSave = List.copyOf(modulesToSave);
  }

  /// So many virtual tokens.
  public static PrefixTuning tokens(int count) {
    return new PrefixTuning(PromptSizes.of(count), false, 0, false, List.of());
  }

  /// With a network that makes the numbers while they train.
  ///
  /// @param width of its hidden layer; 0 for `token_dim`
  public PrefixTuning withProjection(int width) {
    return new PrefixTuning(sizes, true, width, zeros, modulesToSave);
  }

  /// With zeros to begin with, which change attention only by what falls to them.
  public PrefixTuning fromZeros() {
    return new PrefixTuning(sizes, projected, hidden, true, modulesToSave);
  }

  private static PrefixTuning read(AdapterFields fields) {
    String init = fields.word("init_weights", "");
    if (!init.isEmpty() && !init.equals("zero")) {
      throw fields.wrong("init_weights", "zero, or nothing for random numbers", init);
    }
    return new PrefixTuning(
        PromptSizes.read(fields),
        fields.flag("prefix_projection", false),
        fields.whole("encoder_hidden_size", 0),
        init.equals("zero"),
        fields.words("modules_to_save"));
  }

  @Override
  public AdapterKind kind() {
    return KIND;
  }

  @Override
  public boolean lengthens() {
    return true;
  }

  @Override
  public Map<String, Object> fields() {
    var fields = new LinkedHashMap<String, Object>(sizes.fields());
    fields.put("prefix_projection", projected);
    if (hidden > 0) {
      fields.put("encoder_hidden_size", hidden);
    }
    if (zeros) {
      fields.put("init_weights", "zero");
    }
    return fields;
  }

  @Override
  public AdapterParts attach(Attachment attachment) {
    T5Config config = attachment.model().config();
    PromptSizes sized = sizes.on(config.attentionWidth(), config.heads(), config.decoderLayers());
    check(sized, config);
    int width = sized.width();
    int blocks = 2 * sized.layers();
    int inside = hidden > 0 ? hidden : width;
    VirtualTokens tokens =
        projected && attachment.fresh()
            ? VirtualTokens.network(
                attachment,
                sized.tokens(),
                List.of(width, inside, Math.multiplyExact(blocks, width)),
                "transform",
                Tensor::tanh,
                zeros)
            : VirtualTokens.table(
                attachment,
                sized.tokens(),
                Math.multiplyExact(blocks, width),
                zeros ? Init.zeros() : Init.normal(1));
    for (int i = 0; i < config.decoderLayers(); i++) {
      // peft counts the blocks for encoder and decoder, self-attention and cross-attention, and
      // keeps the first pair
      int keys = 2 * sized.stacks() * i % blocks;
      attachment.put(
          "decoder.block." + i + ".layer.0.SelfAttention",
          new PrefixDelta(tokens, keys, keys + 1, width));
    }
    return new PromptParts(
        new PrefixTuning(sized, projected, inside, zeros, modulesToSave), tokens);
  }

  private static void check(PromptSizes sized, T5Config config) {
    if (sized.width() != config.attentionWidth()) {
      throw new AdapterException(
          "token_dim must be the width of all heads' keys, num_heads x d_kv = "
              + config.attentionWidth()
              + " on this base (d_model is "
              + config.modelWidth()
              + ", what peft takes unless it is told), not "
              + sized.width()
              + ": set token_dim, or take the adapter's own base");
    }
    if (sized.heads() != config.heads()) {
      throw new AdapterException(
          "num_attention_heads must be "
              + config.heads()
              + " on this base, not "
              + sized.heads()
              + ": take the adapter's own base");
    }
    if (sized.layers() < config.decoderLayers()) {
      throw new AdapterException(
          "num_layers must be at least the "
              + config.decoderLayers()
              + " of this base's decoder, not "
              + sized.layers()
              + ": take the adapter's own base");
    }
  }
}
