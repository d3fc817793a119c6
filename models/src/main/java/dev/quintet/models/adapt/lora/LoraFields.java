package dev.quintet.models.adapt.lora;

import dev.quintet.models.adapt.method.AdapterException;
import dev.quintet.models.adapt.method.AdapterFields;
import dev.quintet.models.adapt.method.AdapterKind;
import dev.quintet.models.adapt.method.ModuleChoice;
import java.util.LinkedHashMap;
import java.util.Map;

/// LoRA's settings as `adapter_config.json` has them.
final class LoraFields {
  /// The names of settings in a configuration of this program.
  static final Map<String, String> WORDS =
      Map.of(
          "rank", "r",
          "alpha", "lora_alpha",
          "dropout", "lora_dropout",
          "targets", "target_modules",
          "exclude", "exclude_modules",
          "layers", "layers_to_transform",
          "rslora", "use_rslora",
          "dora", "use_dora",
          "init", "init_lora_weights");

  private LoraFields() {}

  static Lora read(AdapterFields fields) {
    refuse(fields);
    var ranks = new LinkedHashMap<String, Integer>();
    fields
        .pattern("rank_pattern")
        .forEach((path, rank) -> {
          if (rank != Math.rint(rank) || rank < 1) {
            throw fields.wrong("rank_pattern", "whole numbers from 1 on", rank);
          }
          ranks.put(path, rank.intValue());
        });
    return new Lora(
        fields.count("r", 8),
        fields.number("lora_alpha", 8),
        fields.number("lora_dropout", 0),
        fields.flag("use_rslora", false),
        fields.flag("use_dora", false),
        ModuleChoice.read(fields, Lora.STANDARD),
        ranks,
        fields.pattern("alpha_pattern"),
        init(fields),
        fields.words("modules_to_save"));
  }

  /// Refuses what changes what an adapter computes and is not there; passes over what does not concern T5.
  static void refuse(AdapterFields fields) {
    String other = "this program computes LoRA, DoRA and AdaLoRA as their papers have them";
    fields.refuse("use_qalora", other);
    fields.refuse("use_bdlora", other);
    fields.refuse("velora_config", other);
    fields.refuse("monteclora_config", other);
    fields.refuse("kasa_config", other);
    fields.refuse("arrow_config", other);
    fields.refuse("alora_invocation_tokens", other);
    fields.refuse("lora_ga_config", "its base has changed weights: convert the adapter with peft");
    fields.refuse("loftq_config", "its base has changed weights: convert the adapter with peft");
    fields.refuse("corda_config", "its base has changed weights: convert the adapter with peft");
    fields.refuse("eva_config", "new adapters begin as LoRA's do");
    fields.refuse("layer_replication", "the base keeps its layers");
    fields.refuse("trainable_token_indices", "adapt the embedding, or name it in modules_to_save");
    fields.refuse("target_parameters", "name modules, in target_modules");
    fields.refuse("lora_bias", "T5's projections have no biases");
    fields.refuse("fan_in_fan_out", "T5's weights are stored as [out, in]");
    fields.refuse("megatron_config", "the model is one, on one device");
    fields.refuse(
        "ensure_weight_tying",
        "an adapter of a tied head is the head's alone, as by peft's default");
    // T5 has no biases, so whatever it says, none trains
    fields.ignore("bias", "megatron_core", "qalora_group_size", "runtime_config");
  }

  private static LoraInit init(AdapterFields fields) {
    Object value = fields.value("init_lora_weights").orElse(true);
    if (value instanceof Boolean truth) {
      return truth ? LoraInit.KAIMING : LoraInit.RANDOM;
    }
    return switch (String.valueOf(value)) {
      case "gaussian" -> LoraInit.GAUSSIAN;
      // they choose A and B alone, which a file holds
      case "orthogonal", "eva", "mica" -> LoraInit.KAIMING;
      default ->
          throw new AdapterException(
              fields.source()
                  + ": init_lora_weights = "
                  + value
                  + " is not supported: expected true, false or gaussian; with olora, pissa, loftq, corda and lora_ga"
                  + " the base's weights are changed too: have peft convert the adapter to plain LoRA");
    };
  }

  static Map<String, Object> write(Lora lora) {
    var fields = new LinkedHashMap<String, Object>(lora.modules().fields());
    fields.put("r", lora.rank());
    fields.put("lora_alpha", whole(lora.alpha()));
    fields.put("lora_dropout", lora.dropout());
    fields.put("use_rslora", lora.rootScaled());
    fields.put("use_dora", lora.decomposed());
    fields.put("rank_pattern", lora.rankPattern());
    var alphas = new LinkedHashMap<String, Object>();
    lora.alphaPattern().forEach((path, alpha) -> alphas.put(path, whole(alpha)));
    fields.put("alpha_pattern", alphas);
    fields.put("init_lora_weights", lora.init().written());
    fields.put("bias", "none");
    fields.put("fan_in_fan_out", false);
    return fields;
  }

  /// A number as peft writes it: whole where it is.
  static Object whole(double number) {
    return number == Math.rint(number) && Math.abs(number) < 1e15
        ? (Object) (long) number
        : (Object) number;
  }

  /// How files and configurations name LoRA.
  static AdapterKind kind() {
    return new AdapterKind("lora", "LORA", WORDS, LoraFields::read);
  }

  static AdapterKind dora() {
    return new AdapterKind(
        "dora",
        "LORA",
        WORDS,
        fields -> {
          fields.ignore("use_dora");
          return read(fields).withDecomposition();
        });
  }
}
