package dev.quintet.models.adapt.prompt;

import dev.quintet.core.nn.Init;
import dev.quintet.core.tensor.Tensor;
import dev.quintet.models.adapt.method.AdapterException;
import dev.quintet.models.adapt.method.AdapterFields;
import dev.quintet.models.adapt.method.AdapterKind;
import dev.quintet.models.adapt.method.AdapterMethod;
import dev.quintet.models.adapt.method.AdapterParts;
import dev.quintet.models.adapt.method.Attachment;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// P-tuning: like [PromptTuning], but a small network makes the embeddings of others while they train (Liu et al., arXiv
/// 2103.10385). Files hold the embeddings alone, which train themselves where they are loaded and trained on.
///
/// @param sizes how many there are, and what the model's sizes must be
/// @param hidden the width of the network's hidden layers; 0 for the model's
/// @param network `MLP`, or `LSTM`, which is read from files and not trained
/// @param modulesToSave modules that are trained as a whole beside
public record PTuning(PromptSizes sizes, int hidden, String network, List<String> modulesToSave)
    implements AdapterMethod {
  private static final String MLP = "MLP";

  /// How files and configurations name it.
  public static final AdapterKind KIND =
      new AdapterKind(
          "p-tuning",
          "P_TUNING",
          Map.of("tokens", "num_virtual_tokens", "hidden", "encoder_hidden_size"),
          PTuning::read);

  /// Copies the list.
  public PTuning {
    modulesToSave = List.copyOf(modulesToSave);
  }

  /// So many virtual tokens.
  public static PTuning tokens(int count) {
    return new PTuning(PromptSizes.of(count), 0, MLP, List.of());
  }

  /// With hidden layers of another width.
  public PTuning withHidden(int width) {
    return new PTuning(sizes, width, network, modulesToSave);
  }

  private static PTuning read(AdapterFields fields) {
    String network = fields.word("encoder_reparameterization_type", MLP).toUpperCase(Locale.ROOT);
    if (!network.equals(MLP) && !network.equals("LSTM")) {
      throw fields.wrong("encoder_reparameterization_type", "MLP or LSTM", network);
    }
    // an MLP has neither dropout nor another number of layers
    fields.ignore("encoder_num_layers", "encoder_dropout");
    return new PTuning(
        PromptSizes.read(fields),
        fields.whole("encoder_hidden_size", 0),
        network,
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
    fields.put("encoder_reparameterization_type", network);
    if (hidden > 0) {
      fields.put("encoder_hidden_size", hidden);
    }
    return fields;
  }

  @Override
  public AdapterParts attach(Attachment attachment) {
    PromptSizes sized = PromptTuning.sizes(sizes, attachment);
    int inside = hidden > 0 ? hidden : sized.width();
    if (attachment.fresh() && !network.equals(MLP)) {
      throw new AdapterException(
          "p-tuning with encoder_reparameterization_type = "
              + network
              + " is not trained here: take MLP, as peft recommends; files of either load");
    }
    VirtualTokens tokens =
        attachment.fresh()
            ? VirtualTokens.network(
                attachment,
                sized.rows(),
                List.of(sized.width(), inside, inside, sized.width()),
                "mlp_head",
                Tensor::relu,
                false)
            : VirtualTokens.table(attachment, sized.rows(), sized.width(), Init.zeros());
    attachment.put(PromptTuning.PLACE, new PromptDelta(tokens, sized.tokens()));
    return new PromptParts(new PTuning(sized, inside, network, modulesToSave), tokens);
  }
}
