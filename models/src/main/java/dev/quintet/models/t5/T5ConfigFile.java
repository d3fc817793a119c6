package dev.quintet.models.t5;

import dev.quintet.models.json.JsonObject;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/// `config.json`, in the form of every transformers version, and as they all read it.
///
/// Two keys mean different things before and after transformers 5: there `tie_word_embeddings` is always true
/// and `scale_decoder_outputs` has taken over its second meaning. So whether the head is tied is decided by
/// the weights, and the scaling by [#scaled]; what is written says both the way that either version reads right.
public final class T5ConfigFile {
  private static final Set<String> TYPES = Set.of("t5", "mt5", "umt5");

  /// The model type of a model with a vocabulary for each stack, which other libraries then refuse by name: they would
  /// read its tensors as those of one embedding.
  private static final String SEPARATE = "t5_separate_vocabularies";

  /// The model type of a model whose weights are int8 with scales, which other libraries refuse by name too.
  private static final String INT8 = "t5_int8";

  private static final String SEPARATE_CLASS = "T5ForSeparateVocabularies";
  private static final String BASE = "base_model_type";
  private static final String SOURCE_ROWS = "source_vocab_size";
  private static final String TARGET_ROWS = "target_vocab_size";

  private final JsonObject json;
  private final String type;

  private T5ConfigFile(JsonObject json, String type) {
    this.json = json;
    this.type = type;
  }

  /// Takes the keys of a file.
  ///
  /// @throws IllegalArgumentException if `model_type` is none of t5, mt5 and umt5
  public static T5ConfigFile of(JsonObject json) {
    // The first files had no model_type; their class says as much.
    String type =
        json.string("model_type")
            .or(() -> typeOfClass(json))
            .orElseThrow(() ->
                new IllegalArgumentException(
                    json.source() + " has no key \"model_type\"; expected t5, mt5 or umt5"));
    if (type.equals(SEPARATE) || type.equals(INT8)) {
      String base = json.required(BASE, JsonObject::string);
      if (!TYPES.contains(base)) {
        throw json.wrong(BASE, "t5, mt5 or umt5", base);
      }
      return new T5ConfigFile(json, base);
    }
    if (!TYPES.contains(type)) {
      throw json.wrong("model_type", "t5, mt5 or umt5", type);
    }
    return new T5ConfigFile(json, type);
  }

  private static Optional<String> typeOfClass(JsonObject json) {
    Optional<String> className =
        json.list("architectures").flatMap(list -> list.stream().map(String::valueOf).findFirst());
    return className
        .filter(name -> Architecture.ofClass(name).isPresent())
        .map(name -> name.startsWith("U") ? "umt5" : name.startsWith("M") ? "mt5" : "t5");
  }

  /// The configuration of a model made from nothing: the keys alone decide whether the head is tied.
  ///
  /// @throws IllegalArgumentException that names the file and the key
  public T5Config withoutWeights() {
    return config(tieFlag());
  }

  /// The configuration of a model whose weights are known.
  ///
  /// @param ownHead whether they hold an `lm_head.weight` that differs from `shared.weight`
  /// @throws IllegalArgumentException that names the file and the key
  public T5Config withWeights(boolean ownHead) {
    return config(!ownHead);
  }

  /// Whether encoder and decoder have a vocabulary each.
  public boolean separate() {
    return json.string("model_type").filter(SEPARATE::equals).isPresent();
  }

  private boolean tieFlag() {
    return json.bool("tie_word_embeddings").orElse(!type.equals("mt5"));
  }

  private boolean scaled(boolean tied) {
    Optional<Boolean> key = json.bool("scale_decoder_outputs");
    if (key.isPresent()) {
      return key.get();
    }
    return type.equals("t5") ? tieFlag() : tied && tieFlag();
  }

  /// A size by its own key, or by the common one of transformers' `attribute_map`, which there wins.
  private Optional<Integer> size(String common, String key) {
    return json.integer(common).or(() -> json.integer(key));
  }

  private T5Config config(boolean tied) {
    boolean first = type.equals("t5");
    int layers = json.integer("num_layers").orElse(first ? 6 : 8);
    try {
      return new T5Config(
          type,
          separate()
              ? json.required(TARGET_ROWS, JsonObject::integer)
              : json.integer("vocab_size").orElse(first ? 32128 : 250112),
          size("hidden_size", "d_model").orElse(512),
          size("head_dim", "d_kv").orElse(64),
          json.integer("d_ff").orElse(first ? 2048 : 1024),
          size("num_attention_heads", "num_heads").orElse(first ? 8 : 6),
          size("num_hidden_layers", "num_layers").orElse(layers),
          json.integer("num_decoder_layers").orElse(layers),
          json.integer("relative_attention_num_buckets").orElse(32),
          json.integer("relative_attention_max_distance").orElse(128),
          json.number("dropout_rate").orElse(0.1).floatValue(),
          json.number("layer_norm_epsilon").orElse(1e-6).floatValue(),
          json.number("initializer_factor").orElse(1.0).floatValue(),
          FeedForwardKind.of(
              json.string("feed_forward_proj").orElse(first ? "relu" : "gated-gelu"),
              json.string("dense_act_fn"),
              json.bool("is_gated_act")),
          tied,
          scaled(tied),
          json.integer("pad_token_id").orElse(0),
          json.integers("eos_token_id").filter(ids -> ids.length > 0).map(ids -> ids[0]).orElse(1),
          json.integer("decoder_start_token_id").or(() -> json.integer("pad_token_id")).orElse(0),
          separate() ? json.required(SOURCE_ROWS, JsonObject::integer) : 0,
          false);
    } catch (IllegalArgumentException e) {
      String message = String.valueOf(e.getMessage());
      if (message.startsWith(json.source())) {
        throw e;
      }
      throw new IllegalArgumentException(json.source() + ": " + message, e);
    }
  }

  /// Which of Hugging Face's classes the folder holds.
  ///
  /// @param tensors the names in the weights' files
  /// @throws IllegalArgumentException if the key `architectures` names none of T5's
  public Architecture architecture(Collection<String> tensors) {
    if (separate()) {
      return Architecture.GENERATION;
    }
    var names = new ArrayList<String>();
    json.list("architectures")
        .ifPresent(list -> list.forEach(item -> names.add(String.valueOf(item))));
    try {
      return Architecture.of(names, tensors);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(json.source() + ": " + e.getMessage(), e);
    }
  }

  /// The head of a task, as the keys have it; they need not say anything.
  ///
  /// @throws IllegalArgumentException that names the file and the key
  public TaskHead task() {
    return TaskHead.of(json);
  }

  /// The keys of a generator's `config.json` that transformers 4 and 5 both read right.
  public static JsonObject write(T5Config config) {
    return JsonObject.of(keys(config, Architecture.GENERATION));
  }

  /// The keys of any model's `config.json` that transformers 4 and 5 both read right.
  public static JsonObject write(T5Family model) {
    var keys = keys(model.config(), model.architecture());
    if (model.architecture().hasTaskHead()) {
      keys.putAll(model.task().keys());
    }
    return JsonObject.of(keys);
  }

  /// These keys for weights of int8: of another model type, so that libraries that know nothing of scales refuse it.
  public static JsonObject ofInt8(JsonObject config) {
    T5ConfigFile file = of(config);
    JsonObject typed = config.with("torch_dtype", "float32").with("weights", "int8");
    return file.separate() ? typed : typed.with("model_type", INT8).with(BASE, file.type);
  }

  /// These keys for weights of floats, whatever they were for.
  public static JsonObject ofFloats(JsonObject config) {
    T5ConfigFile file = of(config);
    JsonObject typed = config.without("weights");
    return file.separate() ? typed : typed.with("model_type", file.type).without(BASE);
  }

  private static TreeMap<String, Object> keys(T5Config config, Architecture architecture) {
    var keys = new TreeMap<String, Object>();
    keys.put("architectures", List.of(architecture.className(config.modelType())));
    keys.put("model_type", config.modelType());
    keys.put("is_encoder_decoder", architecture.hasDecoder());
    keys.put("use_cache", true);
    keys.put("vocab_size", config.vocabSize());
    keys.put("d_model", config.modelWidth());
    keys.put("d_kv", config.headWidth());
    keys.put("d_ff", config.innerWidth());
    keys.put("num_heads", config.heads());
    keys.put("num_layers", config.encoderLayers());
    keys.put("num_decoder_layers", config.decoderLayers());
    keys.put("relative_attention_num_buckets", config.buckets());
    keys.put("relative_attention_max_distance", config.maxDistance());
    keys.put("dropout_rate", config.dropout());
    keys.put("layer_norm_epsilon", config.epsilon());
    keys.put("initializer_factor", config.initializerFactor());
    keys.put("feed_forward_proj", config.feedForward().name());
    keys.put("dense_act_fn", config.feedForward().activation().key());
    keys.put("is_gated_act", config.feedForward().gated());
    keys.put("tie_word_embeddings", config.tied());
    keys.put("scale_decoder_outputs", config.scaled());
    keys.put("pad_token_id", config.padId());
    keys.put("eos_token_id", config.eosId());
    keys.put("decoder_start_token_id", config.startId());
    if (config.separate()) {
      keys.remove("vocab_size");
      keys.put("architectures", List.of(SEPARATE_CLASS));
      keys.put("model_type", SEPARATE);
      keys.put(BASE, config.modelType());
      keys.put(SOURCE_ROWS, config.sourceVocabSize());
      keys.put(TARGET_ROWS, config.vocabSize());
    }
    return keys;
  }
}
