package dev.quintet.models.adapt.method;

import java.util.Map;
import java.util.function.Function;

/// How files and configurations name a method and its settings.
///
/// @param name what people call the method
/// @param peftType what `adapter_config.json` calls it under `peft_type`
/// @param words the settings' names in a configuration of this program, each with the file's
/// @param reader makes the method of its settings
public record AdapterKind(
    String name,
    String peftType,
    Map<String, String> words,
    Function<AdapterFields, AdapterMethod> reader) {
  /// Copies the words.
  public AdapterKind {
    words = Map.copyOf(words);
  }
}
