package dev.quintet.models.adapt;

import dev.quintet.core.nn.NearNames;
import dev.quintet.models.adapt.bottleneck.Bottleneck;
import dev.quintet.models.adapt.lora.AdaLora;
import dev.quintet.models.adapt.lora.Lora;
import dev.quintet.models.adapt.method.AdapterException;
import dev.quintet.models.adapt.method.AdapterFields;
import dev.quintet.models.adapt.method.AdapterKind;
import dev.quintet.models.adapt.method.AdapterMethod;
import dev.quintet.models.adapt.prompt.PTuning;
import dev.quintet.models.adapt.prompt.PrefixTuning;
import dev.quintet.models.adapt.prompt.PromptTuning;
import dev.quintet.models.adapt.scale.Ia3;
import dev.quintet.models.adapt.scale.NormTuning;
import dev.quintet.models.json.JsonObject;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/// All methods that there are: a new one is added to this list.
public final class AdapterMethods {
  /// Each method's names.
  public static final List<AdapterKind> ALL =
      List.of(
          Lora.KIND,
          Lora.DORA,
          AdaLora.KIND,
          Ia3.KIND,
          NormTuning.KIND,
          PromptTuning.KIND,
          PTuning.KIND,
          PrefixTuning.KIND,
          Bottleneck.KIND);

  private AdapterMethods() {}

  /// The method that a file calls so.
  ///
  /// @param source the file, for messages
  /// @throws AdapterException if there is none
  static AdapterKind ofPeftType(String source, String peftType) {
    return ALL.stream()
        .filter(kind -> kind.peftType().equals(peftType))
        .findFirst()
        .orElseThrow(() ->
            new AdapterException(
                source
                    + ": expected a peft_type among "
                    + ALL.stream().map(AdapterKind::peftType).distinct().toList()
                    + (peftType.isEmpty() ? ", and there is none" : ", not " + peftType)));
  }

  private static String near(String key, AdapterKind kind) {
    List<String> near =
        NearNames.close(
            key,
            Stream.concat(kind.words().keySet().stream(), kind.words().values().stream()).toList());
    return near.isEmpty() ? "" : " (did you mean " + String.join(" or ", near) + "?)";
  }

  /// Makes a method of a configuration: `{"method": "lora", "rank": 8, "targets": ["q", "v"]}`. Settings have the names of
  /// `adapter_config.json` or the short ones of [AdapterKind#words].
  ///
  /// @throws AdapterException if there is no such method or setting, or a value does not fit
  public static AdapterMethod of(JsonObject json) {
    String name = new AdapterFields(json).word("method", "").toLowerCase(Locale.ROOT);
    if (name.equals("bitfit")) {
      throw new AdapterException(
          json.source()
              + ": bitfit trains biases, and T5 has none: take ln (its norms' weights) or ia3 instead");
    }
    AdapterKind kind =
        ALL.stream()
            .filter(one -> one.name().equals(name))
            .findFirst()
            .orElseThrow(() ->
                new AdapterException(
                    json.source()
                        + ": expected a method among "
                        + ALL.stream().map(AdapterKind::name).toList()
                        + (name.isEmpty() ? ", and there is none" : ", not " + name)));
    var translated = new HashMap<String, Object>();
    for (String key : json.keys()) {
      String longer = kind.words().getOrDefault(key, key);
      if (translated.put(longer, json.value(key).orElseThrow()) != null) {
        throw new AdapterException(json.source() + ": " + longer + " is set twice");
      }
    }
    translated.remove("method");
    var fields = new AdapterFields(JsonObject.of(json.source(), translated));
    AdapterMethod method = kind.reader().apply(fields);
    if (!fields.unknown().isEmpty()) {
      throw new AdapterException(
          json.source()
              + ": "
              + name
              + " has no setting "
              + fields.unknown().getFirst()
              + near(fields.unknown().getFirst(), kind)
              + "; short names are "
              + kind.words().keySet().stream().sorted().toList());
    }
    return method;
  }
}
