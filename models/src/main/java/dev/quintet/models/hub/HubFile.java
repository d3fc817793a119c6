package dev.quintet.models.hub;

import dev.quintet.models.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// A file of a repository.
///
/// @param name without folders
/// @param bytes its size
/// @param checksum of its contents
record HubFile(String name, long bytes, Checksum checksum) {
  private static final Set<String> SMALL =
      Set.of(
          "config.json",
          "generation_config.json",
          "tokenizer.json",
          "tokenizer_config.json",
          "special_tokens_map.json",
          "added_tokens.json",
          "spiece.model",
          "sentencepiece.model",
          "vocab.json",
          "vocab.txt",
          "merges.txt");
  private static final String SHARDS =
      "model-\\d{5}-of-\\d{5}\\.safetensors|model\\.safetensors\\.index\\.json";
  private static final String PICKLE_SHARDS =
      "pytorch_model-\\d{5}-of-\\d{5}\\.bin|pytorch_model\\.bin\\.index\\.json";

  /// The files of a repository that make a model: configuration, tokenizer and weights.
  ///
  /// Weights are `model.safetensors`, or else shards; files of PyTorch only where there are none and they are allowed.
  ///
  /// @param info what the hub says of a revision
  /// @throws HubException if there are no weights that may be fetched, or the answer lacks something
  static List<HubFile> select(JsonObject info, boolean pickle) {
    var entries = new ArrayList<JsonObject>();
    for (Object item : info.list("siblings").orElse(List.of())) {
      if (item instanceof JsonObject entry && entry.string("rfilename").isPresent()) {
        entries.add(entry);
      }
    }
    List<String> names =
        entries.stream().map(entry -> entry.string("rfilename").orElseThrow()).toList();
    String weights = weights(names, pickle).orElseThrow(() -> noWeights(info, names));
    return entries.stream()
        .filter(entry -> {
          String name = entry.string("rfilename").orElseThrow();
          return SMALL.contains(name) || name.matches(weights);
        })
        .map(HubFile::of)
        .toList();
  }

  /// The pattern of the weights' names to take.
  private static Optional<String> weights(List<String> names, boolean pickle) {
    if (names.contains("model.safetensors")) {
      return Optional.of("model\\.safetensors");
    }
    if (names.contains("model.safetensors.index.json")) {
      return Optional.of(SHARDS);
    }
    if (pickle && names.contains("pytorch_model.bin")) {
      return Optional.of("pytorch_model\\.bin");
    }
    return pickle && names.contains("pytorch_model.bin.index.json")
        ? Optional.of(PICKLE_SHARDS)
        : Optional.empty();
  }

  private static HubException noWeights(JsonObject info, List<String> names) {
    boolean pickles = names.stream().anyMatch(name -> name.startsWith("pytorch_model"));
    return HubException.ofRequest(
        info.source()
            + " has no weights in safetensors"
            + (pickles
                ? "; its pytorch_model.bin is fetched when asked for (--allow-pickle), and made"
                    + " safetensors by `quintet convert`"
                : "; it has " + names.stream().limit(20).toList()));
  }

  private static HubFile of(JsonObject entry) {
    String name = entry.string("rfilename").orElseThrow();
    Optional<JsonObject> large = entry.object("lfs");
    Optional<String> checksum =
        large.isPresent() ? large.get().string("sha256") : entry.string("blobId");
    Optional<Double> size = large.isPresent() ? large.get().number("size") : entry.number("size");
    if (checksum.isEmpty() || size.isEmpty() || size.get() < 0 || size.get() > 1e15) {
      throw new HubException(
          entry.source()
              + ": the hub gives no size or no checksum of "
              + name
              + "; is it a mirror?");
    }
    return new HubFile(name, size.get().longValue(), new Checksum(checksum.get()));
  }
}
