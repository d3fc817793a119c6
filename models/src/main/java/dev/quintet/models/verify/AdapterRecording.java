package dev.quintet.models.verify;

import dev.quintet.core.tensor.Parameter;
import dev.quintet.models.adapt.Adapter;
import dev.quintet.models.adapt.AdapterFolder;
import dev.quintet.models.adapt.method.Attachment;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// How recordings of an adapter call its files and its parameters.
public final class AdapterRecording {
  /// What peft saves.
  public static final String CONFIG = AdapterFolder.CONFIG;

  /// What peft saves.
  public static final String WEIGHTS = AdapterFolder.WEIGHTS;

  /// Inputs, logits and loss of one batch.
  public static final String FORWARD = "forward.safetensors";

  /// What trains, ids and losses.
  public static final String SETTINGS = "adapter_training.json";

  /// Gradients, merged weights and trained parameters.
  public static final String TENSORS = "adapter_training.safetensors";

  private AdapterRecording() {}

  /// The parameter that peft's modules call so, without its prefix and the adapter's name.
  public static Optional<Parameter> parameter(Adapter adapter, String name) {
    return find(adapter.parameters(), name);
  }

  /// What belongs to the parameter that peft's modules call so, without its prefix and the adapter's name.
  ///
  /// @param all by names in files
  public static <V> Optional<V> find(Map<String, V> all, String name) {
    String inFiles = name.replace(".modules_to_save.", ".");
    return List.of(
            Attachment.PREFIX + inFiles,
            // DoRA's magnitudes have a module of their own in memory alone
            Attachment.PREFIX + inFiles.replaceFirst("\\.weight$", ""),
            // what is trained as a whole beside virtual tokens has a shorter prefix in files
            Attachment.SHORT_PREFIX + inFiles,
            inFiles.equals("prompt_encoder.embedding.weight") ? "prompt_embeddings" : inFiles)
        .stream()
        .flatMap(key -> Optional.ofNullable(all.get(key)).stream())
        .findFirst();
  }

  /// What of a recorded training cannot be computed again, as the folder does not hold it.
  ///
  /// @param names of what trained
  public static Optional<String> missing(List<String> names) {
    return names.stream()
        .filter(name ->
            name.startsWith("prompt_encoder.") && !name.equals("prompt_encoder.embedding.weight"))
        .findFirst()
        .map(name ->
            "the network that made the virtual tokens, which no file of peft's holds: " + name);
  }
}
