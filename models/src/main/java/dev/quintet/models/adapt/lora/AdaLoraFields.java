package dev.quintet.models.adapt.lora;

import dev.quintet.models.adapt.method.AdapterException;
import dev.quintet.models.adapt.method.AdapterFields;
import dev.quintet.models.adapt.method.AdapterKind;
import dev.quintet.models.adapt.method.ModuleChoice;
import dev.quintet.models.adapt.method.Targets;
import dev.quintet.models.json.JsonObject;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// AdaLoRA's settings as `adapter_config.json` has them.
final class AdaLoraFields {
  private static final String DIAGONAL = ".lora_E";

  private AdaLoraFields() {}

  static AdapterKind kind() {
    var words = new HashMap<>(LoraFields.WORDS);
    words.keySet().removeAll(List.of("rslora", "dora", "init"));
    words.put("rank", "init_r");
    words.put("targetRank", "target_r");
    words.put("warmup", "tinit");
    words.put("rest", "tfinal");
    words.put("every", "deltaT");
    words.put("totalSteps", "total_step");
    words.put("orthogonality", "orth_reg_weight");
    return new AdapterKind("adalora", "ADALORA", words, AdaLoraFields::read);
  }

  private static AdaLora read(AdapterFields fields) {
    LoraFields.refuse(fields);
    fields.refuse("use_dora", "AdaLoRA has no norms of its own: take lora for it");
    fields.ignore("r", "use_rslora", "alpha_pattern", "init_lora_weights");
    return new AdaLora(
        fields.count("init_r", 12),
        fields.count("target_r", 8),
        fields.number("lora_alpha", 8),
        fields.number("lora_dropout", 0),
        ModuleChoice.read(fields, Targets.matching(Targets.ALL_LINEAR)),
        new AdaLora.Budget(
            fields.whole("tinit", 0),
            fields.whole("tfinal", 0),
            fields.whole("deltaT", 1),
            fields.whole("total_step", 0),
            fields.number("beta1", 0.85),
            fields.number("beta2", 0.85)),
        fields.number("orth_reg_weight", 0.5),
        kept(fields),
        fields.words("modules_to_save"));
  }

  private static Map<String, List<Boolean>> kept(AdapterFields fields) {
    var kept = new LinkedHashMap<String, List<Boolean>>();
    Object value = fields.value("rank_pattern").orElse(JsonObject.of(Map.of()));
    if (!(value instanceof JsonObject patterns)) {
      throw fields.wrong("rank_pattern", "an object", value);
    }
    for (String name : patterns.keysAsWritten()) {
      int end = name.indexOf(DIAGONAL);
      if (end < 0 || !(patterns.value(name).orElseThrow() instanceof List<?> list)) {
        throw fields.wrong("rank_pattern", "lists by names that end with " + DIAGONAL, value);
      }
      var left = new ArrayList<Boolean>();
      for (Object one : list) {
        if (!(one instanceof Boolean truth)) {
          throw fields.wrong("rank_pattern", "lists of true and false", list);
        }
        left.add(truth);
      }
      kept.put(name.substring(0, end), left);
    }
    return kept;
  }

  static Map<String, Object> write(AdaLora method) {
    var fields = new LinkedHashMap<String, Object>(method.modules().fields());
    AdaLora.Budget budget = method.budget();
    if (budget.total() < 1) {
      throw new AdapterException(
          "an adapter of AdaLoRA is read with the number of all steps alone: set total_step");
    }
    fields.put("init_r", method.rank());
    fields.put("target_r", method.targetRank());
    fields.put("lora_alpha", LoraFields.whole(method.alpha()));
    fields.put("lora_dropout", method.dropout());
    fields.put("tinit", budget.warmup());
    fields.put("tfinal", budget.rest());
    fields.put("deltaT", budget.every());
    fields.put("total_step", budget.total());
    fields.put("beta1", budget.beta1());
    fields.put("beta2", budget.beta2());
    fields.put("orth_reg_weight", LoraFields.whole(method.orthogonality()));
    if (!method.kept().isEmpty()) {
      var patterns = new LinkedHashMap<String, Object>();
      method.kept().forEach((path, left) -> patterns.put(path + DIAGONAL, left));
      fields.put("rank_pattern", patterns);
    }
    fields.put("init_lora_weights", true);
    fields.put("bias", "none");
    fields.put("fan_in_fan_out", false);
    return fields;
  }
}
