package dev.quintet.tokenizers.huggingface;

import dev.quintet.tokenizers.file.TokenizerFiles;
import dev.quintet.tokenizers.json.Json;
import dev.quintet.tokenizers.json.JsonReader;
import dev.quintet.tokenizers.json.Node;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What lies beside a `tokenizer_config.json` and counts: the model's `config.json`, and the two files that
/// transformers wrote before 4.34.
///
/// @param modelType `model_type` of `config.json`, or nothing
/// @param tokenizerClass `tokenizer_class` of `config.json`, or nothing
/// @param specialTokens `special_tokens_map.json`
/// @param addedTokens `added_tokens.json`: texts and their ids
/// @param defaults what counts where no file says anything else
/// @param kept the tokenizer's files as they were, by name
record ConfigNeighbours(
    String modelType,
    String tokenizerClass,
    Optional<Node> specialTokens,
    Optional<Node> addedTokens,
    Map<String, Json> defaults,
    Map<String, byte[]> kept) {

  static final ConfigNeighbours NONE =
      new ConfigNeighbours("", "", Optional.empty(), Optional.empty(), Map.of(), Map.of());

  private static final String SPECIAL_TOKENS = "special_tokens_map.json";
  private static final String ADDED_TOKENS = "added_tokens.json";
  private static final String LISTED = "added_tokens_decoder";

  /// Those whose SentencePiece models are read as T5's by transformers 5.18, or were before.
  private static final Set<String> T5_MODELS =
      Set.of("t5", "mt5", "umt5", "longt5", "switch_transformers");

  static ConfigNeighbours of(Path folder) {
    Optional<Node> model = object(folder.resolve("config.json"));
    Map<String, byte[]> kept = new LinkedHashMap<>();
    for (String name : List.of(SPECIAL_TOKENS, ADDED_TOKENS)) {
      if (Files.exists(folder.resolve(name))) {
        kept.put(name, TokenizerFiles.read(folder.resolve(name)));
      }
    }
    return new ConfigNeighbours(
        text(model, "model_type"),
        text(model, "tokenizer_class"),
        object(folder.resolve(SPECIAL_TOKENS)),
        object(folder.resolve(ADDED_TOKENS)),
        Map.of(),
        kept);
  }

  private static String text(Optional<Node> top, String name) {
    return top.flatMap(node -> node.find(name))
        .map(node -> node.value() instanceof Json.Str(var value) ? value : "")
        .orElse("");
  }

  private static Optional<Node> object(Path file) {
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    String name = file.toString();
    try (JsonReader reader = JsonReader.of(name, TokenizerFiles.read(file))) {
      reader.next();
      Json tree = reader.tree();
      if (!(tree instanceof Json.Obj)) {
        throw reader.malformed("expected an object");
      }
      reader.end();
      return Optional.of(new Node(name, "", tree));
    }
  }

  boolean hasT5Model() {
    return T5_MODELS.contains(modelType);
  }

  ConfigNeighbours withDefault(String name, String token) {
    Map<String, Json> all = new LinkedHashMap<>(defaults);
    all.putIfAbsent(name, new Json.Str(token));
    return new ConfigNeighbours(modelType, tokenizerClass, specialTokens, addedTokens, all, kept);
  }

  ConfigNeighbours keeping(Path file) {
    Map<String, byte[]> all = new LinkedHashMap<>(kept);
    all.put(file.getFileName().toString(), TokenizerFiles.read(file));
    return new ConfigNeighbours(
        modelType, tokenizerClass, specialTokens, addedTokens, defaults, all);
  }

  void write(Path folder) {
    kept.forEach((name, bytes) -> TokenizerFiles.write(folder.resolve(name), bytes));
  }

  /// What a configuration and its neighbours say together, by the rules of transformers 5.18: where the configuration
  /// lists added tokens, the old files are not looked at.
  Json.Obj joined(String file, Json.Obj root) {
    Json.Obj all = new Json.Obj(new LinkedHashMap<>(root.members()));
    Map<String, Json> told = all.members();
    told.values().removeIf(value -> value == Json.Mark.NULL);
    if (!tokenizerClass.isEmpty()) {
      told.putIfAbsent("tokenizer_class", new Json.Str(tokenizerClass));
    }
    // The old name of the further special tokens; those of the old file do not count as named here.
    Json further = told.get("additional_special_tokens");
    if (further != null && isEmptyList(told.get("extra_special_tokens"))) {
      told.remove("additional_special_tokens");
      told.put("extra_special_tokens", further);
    }
    if (!told.containsKey(LISTED)) {
      specialTokens.ifPresent(map -> addSpecial(map, told));
      addedTokens.ifPresent(map -> told.put(LISTED, listed(map, new Node(file, "", all))));
    }
    defaults.forEach(told::putIfAbsent);
    return all;
  }

  private static boolean isEmptyList(@Nullable Json value) {
    return value == null || value instanceof Json.Arr(var items) && items.isEmpty();
  }

  private static void addSpecial(Node map, Map<String, Json> told) {
    if (map.value() instanceof Json.Obj(var members)) {
      members.forEach((name, value) -> {
        boolean both = name.equals("extra_special_tokens") && value instanceof Json.Arr;
        if (both && told.get(name) instanceof Json.Arr(var before)) {
          Json.Arr longer = (Json.Arr) TokenizerJsonBuilder.array(before);
          ((Json.Arr) value)
              .items().stream().filter(one -> !before.contains(one)).forEach(longer.items()::add);
          told.put(name, longer);
        } else if (value != Json.Mark.NULL) {
          told.put(name, value);
        }
      });
    }
  }

  /// `added_tokens.json` as the list that took its place.
  private static Json listed(Node map, Node told) {
    Set<String> special = new HashSet<>();
    AddedTokenRules.roles(told).forEach(token -> special.add(token.content()));
    AddedTokenRules.tokens(told, "extra_special_tokens")
        .forEach(token -> special.add(token.content()));
    Json.Obj all = TokenizerJsonBuilder.object();
    if (map.value() instanceof Json.Obj(var members)) {
      for (String text : members.keySet()) {
        int id = map.get(text).integer();
        boolean isSpecial = special.contains(text);
        if (all.members().containsKey(Integer.toString(id))) {
          throw map.get(text).malformed("one id for two tokens: " + id);
        }
        all.members()
            .put(
                Integer.toString(id),
                TokenizerJsonBuilder.object(
                    "content",
                    new Json.Str(text),
                    "normalized",
                    new Json.Bool(!isSpecial),
                    "special",
                    new Json.Bool(isSpecial)));
      }
    }
    return all;
  }
}
