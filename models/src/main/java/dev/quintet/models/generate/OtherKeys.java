package dev.quintet.models.generate;

import dev.quintet.models.json.JsonObject;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// The keys of `generation_config.json` beside [GenerationOption]: those that change nothing here, and those that ask
/// for what Quintet does not do.
final class OtherKeys {
  /// Speed, memory and form of the answer in transformers; notes of whoever wrote the file.
  static final Set<String> WITHOUT_EFFECT =
      Set.of(
          "use_cache",
          "cache_implementation",
          "cache_config",
          "max_cache_len",
          "prefill_chunk_size",
          "compile_config",
          "disable_compile",
          "continuous_batching_config",
          "output_scores",
          "output_logits",
          "output_attentions",
          "output_hidden_states",
          "return_dict_in_generate",
          "is_assistant",
          "num_assistant_tokens",
          "num_assistant_tokens_schedule",
          "assistant_confidence_threshold",
          "assistant_early_exit",
          "assistant_lookbehind",
          "assistant_ensemble_weight",
          "target_lookbehind",
          "prompt_lookup_num_tokens",
          "max_matching_ngram_size",
          "speculation_type",
          "use_mtp",
          "transformers_version",
          "_from_model_config",
          "_commit_hash");

  /// What transformers' decoder-only models, extra packages or older versions do, with the value that asks for nothing.
  private static final Map<String, Object> UNSUPPORTED =
      Map.of(
          "guidance_scale", 1L,
          "watermarking_config", false,
          "token_healing", false,
          "low_memory", false,
          "penalty_alpha", 0L,
          "dola_layers", false,
          "diversity_penalty", 0L,
          "num_beam_groups", 1L,
          "constraints", false,
          "force_words_ids", false);

  private OtherKeys() {}

  static boolean known(String key) {
    return WITHOUT_EFFECT.contains(key) || UNSUPPORTED.containsKey(key);
  }

  /// Whether a key can ask for what there is not.
  static boolean asks(String key) {
    return UNSUPPORTED.containsKey(key);
  }

  /// The first key that asks for what there is not.
  static Optional<String> unsupported(JsonObject options) {
    return UNSUPPORTED.keySet().stream()
        .sorted()
        .filter(key -> options.value(key).filter(value -> !neutral(key, value)).isPresent())
        .findFirst();
  }

  private static boolean neutral(String key, Object value) {
    Object nothing = UNSUPPORTED.get(key);
    return value instanceof Number a && nothing instanceof Number b
        ? a.doubleValue() == b.doubleValue()
        : value.equals(nothing);
  }
}
