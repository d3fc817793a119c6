package dev.quintet.models.adapt.method;

import dev.quintet.tokenizers.Tokenizer;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A way of adapting a model, with its settings: a value, of which any number of adapters can be made.
///
/// One record a method, beside the [Delta]s that it puts into a model and the [AdapterKind] by which files and
/// configurations name it. What an adapter of it computes, is told by its deltas alone.
public interface AdapterMethod {

  /// How files and configurations name it.
  AdapterKind kind();

  /// What people call it, such as `lora`.
  default String name() {
    return kind().name();
  }

  /// What `adapter_config.json` calls it under `peft_type`, such as `LORA`.
  default String peftType() {
    return kind().peftType();
  }

  /// The settings as `adapter_config.json` has them, beside those that all methods share.
  Map<String, Object> fields();

  /// Modules that are trained as a whole beside what the method adds: words with which their paths end.
  default List<String> modulesToSave() {
    return List.of();
  }

  /// Whether its rows cannot share a batch with others, because it changes how long they are.
  default boolean lengthens() {
    return false;
  }

  /// The method where what it has of texts has become ids; itself where it has none.
  ///
  /// @param tokenizer the model's
  default AdapterMethod with(Tokenizer tokenizer) {
    return this;
  }

  /// The method where a training has so many steps, if it depends on them and does not say how many itself.
  default AdapterMethod forSteps(long steps) {
    return this;
  }

  /// What whoever trains it for so many steps should know, as the method's own number of steps is another one.
  default Optional<String> remark(long steps) {
    return Optional.empty();
  }

  /// Puts an adapter into a model.
  ///
  /// @param attachment the model, where the adapter's numbers come from, and the places for its deltas
  /// @return what the adapter does beside its deltas
  /// @throws AdapterException if the method does not fit the model
  AdapterParts attach(Attachment attachment);
}
