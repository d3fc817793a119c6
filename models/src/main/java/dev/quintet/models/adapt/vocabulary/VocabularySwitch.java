package dev.quintet.models.adapt.vocabulary;

import dev.quintet.core.shape.Precision;
import dev.quintet.core.tensor.Parameter;
import dev.quintet.models.checkpoint.LoadOptions;
import dev.quintet.models.generate.GenerationConfig;
import dev.quintet.models.json.JsonObject;
import dev.quintet.models.t5.T5;
import dev.quintet.models.t5.T5Config;
import dev.quintet.models.text.TextToText;
import dev.quintet.tokenizers.Tokenizer;
import dev.quintet.tokenizers.compare.VocabularyMap;
import java.nio.file.Path;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;

/// Gives a trained model another tokenizer: the rows of its embedding, and of a head of its own, are made of
/// the old ones by a [VocabularyMap], everything else stays. The result wants fine-tuning (arXiv 2402.01035: on
/// much text, where the vocabularies have little in common).
///
/// ```java
/// VocabularySwitch.convert(
///     Path.of("t5-small"), Tokenizer.load(Path.of("java-bpe.json")), Path.of("t5-small-java"));
/// ```
public final class VocabularySwitch {
  private static final Set<String> TABLES =
      Set.of("shared.weight", "encoder.embed_tokens.weight", "decoder.embed_tokens.weight");

  /// Row counts that are a multiple of this suit matrix kernels, as T5's 32128.
  private static final int ROWS = 128;

  /// Options that are ids of the old vocabulary.
  private static final Set<String> ID_OPTIONS =
      Set.of(
          "bad_words_ids",
          "begin_suppress_tokens",
          "bos_token_id",
          "decoder_start_token_id",
          "eos_token_id",
          "force_words_ids",
          "forced_bos_token_id",
          "forced_decoder_ids",
          "forced_eos_token_id",
          "pad_token_id",
          "sequence_bias",
          "suppress_tokens");

  private VocabularySwitch() {}

  /// Writes a model folder for a new tokenizer, with the model of an old folder; small weights become float32.
  ///
  /// @param old a model folder with its tokenizer
  /// @param tokenizer the new tokenizer
  /// @param folder where to
  /// @throws IllegalArgumentException if the new tokenizer has no tokens for padding and end
  /// @throws java.io.UncheckedIOException if a file cannot be read or written
  public static void convert(Path old, Tokenizer tokenizer, Path folder) {
    LoadOptions wide = LoadOptions.DEFAULT.withPrecision(Precision.F32);
    try (TextToText before = TextToText.load(old, wide);
        TextToText after = apply(before, tokenizer)) {
      after.save(folder);
    }
  }

  /// A model for a new tokenizer: a copy, by [VocabularyMap#transfer]; its rows are a multiple of 128.
  /// Generation options stay, but for those that are ids.
  ///
  /// @param old the model and its tokenizer, which stay as they are
  /// @param tokenizer the new tokenizer
  /// @return the new model and its tokenizer; the caller closes it
  /// @throws IllegalArgumentException if the new tokenizer has no tokens for padding and end
  public static TextToText apply(TextToText old, Tokenizer tokenizer) {
    return apply(old, tokenizer, RowPlan.of(old.tokenizer(), tokenizer, RowInit.FVT, true, 0));
  }

  /// A model for a new tokenizer, whose rows begin as planned: a copy; its rows are a multiple of 128, of which those that
  /// no token has are the mean of all. Generation options stay, but for those that are ids.
  ///
  /// @param old the model and its tokenizer, which stay as they are
  /// @param tokenizer the new tokenizer
  /// @param plan made for these two tokenizers
  /// @return the new model and its tokenizer; the caller closes it
  /// @throws IllegalArgumentException if the new tokenizer has no tokens for padding and end, the plan is not for them, or the
  ///     model's weights are stored small
  public static TextToText apply(TextToText old, Tokenizer tokenizer, RowPlan plan) {
    if (plan.map().newSize() != tokenizer.vocabularySize()) {
      throw new IllegalArgumentException(
          "vocabulary switch: expected a plan for the "
              + tokenizer.vocabularySize()
              + " ids of "
              + tokenizer
              + ", got one for "
              + plan.map().newSize());
    }
    T5Config before = old.model().config();
    int pad = required("padding", tokenizer.padId(), tokenizer);
    int eos = required("end", tokenizer.eosId(), tokenizer);
    int start = before.startId() == before.padId() ? pad : image(plan.map(), before.startId());
    int rows = Math.ceilDiv(plan.map().newSize(), ROWS) * ROWS;
    T5 model = apply(old.model(), plan, rows, before.withVocabSize(rows).withIds(pad, eos, start));
    boolean made = false;
    try {
      var options = new TreeMap<String, Object>();
      JsonObject known = old.generation().toJson();
      for (String key : known.keys()) {
        if (!ID_OPTIONS.contains(key)) {
          options.put(key, known.value(key).orElseThrow());
        }
      }
      GenerationConfig generation =
          GenerationConfig.of(model.config()).with(JsonObject.of(options));
      TextToText text = TextToText.of(model, tokenizer, generation);
      made = true;
      return text;
    } finally {
      if (!made) {
        model.close();
      }
    }
  }

  private static int required(String what, OptionalInt id, Tokenizer tokenizer) {
    return id.orElseThrow(() ->
        new IllegalArgumentException(
            "vocabulary switch: a model needs a token for "
                + what
                + ", and "
                + tokenizer
                + " has none; add it, or name it in tokenizer_config.json"));
  }

  private static int image(VocabularyMap map, int oldId) {
    for (int id = 0; id < map.newSize(); id++) {
      if (map.count(id) == 1 && map.sources(id)[0] == oldId) {
        return id;
      }
    }
    throw new IllegalArgumentException(
        "vocabulary switch: the decoder starts with the old id "
            + oldId
            + ", which no new token is a copy of; give the start's new id to VocabularySwitch.apply");
  }

  /// A model for a new vocabulary: a copy whose embedding, and head if it has its own, are made by a map. A
  /// row without a source becomes the mean of all old rows that the map knows.
  ///
  /// @param model the model, which stays as it is
  /// @param map from the model's ids to the new ones
  /// @param pad the new id that pads
  /// @param eos the new id that ends a sequence
  /// @param start the new id that the decoder starts with
  /// @return the new model, with as many rows as the map has new ids; the caller closes it
  /// @throws IllegalArgumentException if the map has more old ids than the model has rows, an id is none of
  ///     the new ones, or the model's weights are stored small
  public static T5 apply(T5 model, VocabularyMap map, int pad, int eos, int start) {
    T5Config config = model.config().withVocabSize(map.newSize()).withIds(pad, eos, start);
    return apply(model, RowPlan.of(map), map.newSize(), config);
  }

  private static T5 apply(T5 model, RowPlan plan, int rows, T5Config config) {
    if (plan.map().oldSize() > model.config().vocabSize()) {
      throw new IllegalArgumentException(
          "vocabulary switch: the map is from "
              + plan.map().oldSize()
              + " ids, but the model has only "
              + model.config().vocabSize()
              + " rows: they do not belong together");
    }
    Map<String, Parameter> old = model.parameters();
    old.values().stream()
        .filter(parameter -> parameter.form().isPresent())
        .findFirst()
        .ifPresent(small -> {
          throw new IllegalArgumentException(
              "vocabulary switch: "
                  + small.described()
                  + " is stored as "
                  + small.form().orElseThrow().precision()
                  + ", of which no new rows are made: load the model with LoadOptions.withPrecision(Precision.F32)");
        });
    return new T5(
        config.withOwnTables(TABLES.stream().allMatch(old::containsKey)),
        (name, shape) -> {
          Parameter given = old.get(name);
          if (given == null) {
            throw new IllegalArgumentException(
                "vocabulary switch: the model has no parameter " + name);
          }
          boolean table = TABLES.contains(name) || name.equals("lm_head.weight");
          Parameter made = table ? NewRows.of(given, name, plan, rows) : Parameter.copyOf(given);
          made.train(given.trains());
          return made;
        });
  }

  /// The rows of a table for a new vocabulary: copies, and means taken in double precision.
  ///
  /// @param table `[V, D]`, the old rows
  /// @param map from its rows to the new ones
  /// @return the new rows, of the same type, on the same device; the caller closes it
  public static Parameter rows(Parameter table, VocabularyMap map) {
    return NewRows.of(table, "", RowPlan.of(map), map.newSize());
  }
}
