package dev.quintet.models.adapt.prompt;

import dev.quintet.core.nn.Embedding;
import dev.quintet.core.nn.Init;
import dev.quintet.core.random.Philox;
import dev.quintet.core.shape.DType;
import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.Scope;
import dev.quintet.core.tensor.Tensor;
import dev.quintet.models.adapt.method.AdapterException;
import dev.quintet.models.adapt.method.AdapterFields;
import dev.quintet.models.adapt.method.AdapterKind;
import dev.quintet.models.adapt.method.AdapterMethod;
import dev.quintet.models.adapt.method.AdapterParts;
import dev.quintet.models.adapt.method.Attachment;
import dev.quintet.models.t5.T5Config;
import dev.quintet.tokenizers.Tokenizer;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// Prompt tuning: trained embeddings stand before those of each input (Lester et al., arXiv 2104.08691).
///
/// ```java
/// Adapters.of(model).add("tags", PromptTuning.tokens(20).fromVocabulary(), seed);
/// ```
///
/// @param sizes how many there are, and what the model's sizes must be
/// @param init how new ones begin
/// @param text the text whose embeddings they begin with, if they do; else empty
/// @param tokenizer what a file calls the tokenizer of that text; may be empty
/// @param ids that text's
/// @param modulesToSave modules that are trained as a whole beside
public record PromptTuning(
    PromptSizes sizes,
    Start init,
    String text,
    String tokenizer,
    List<Integer> ids,
    List<String> modulesToSave)
    implements AdapterMethod {
  /// Where the virtual tokens stand.
  static final String PLACE = "encoder.embed_tokens";

  /// How files and configurations name it.
  public static final AdapterKind KIND =
      new AdapterKind(
          "prompt",
          "PROMPT_TUNING",
          Map.of(
              "tokens", "num_virtual_tokens",
              "init", "prompt_tuning_init",
              "text", "prompt_tuning_init_text"),
          PromptTuning::read);

  /// How new virtual tokens begin.
  public enum Start {
    /// Normal numbers of deviation 1, as peft has them.
    RANDOM,
    /// Rows of the base's embedding, drawn at random.
    SAMPLE_VOCAB,
    /// The rows of a text's tokens, from the first again where they are too few.
    TEXT
  }

  /// Copies the lists.
  public PromptTuning {
    ids = List.copyOf(ids);
    modulesToSave = List.copyOf(modulesToSave);
  }

  /// So many virtual tokens, which begin with random numbers.
  public static PromptTuning tokens(int count) {
    return new PromptTuning(PromptSizes.of(count), Start.RANDOM, "", "", List.of(), List.of());
  }

  /// With rows of the base's embedding, drawn at random, to begin with.
  public PromptTuning fromVocabulary() {
    return new PromptTuning(sizes, Start.SAMPLE_VOCAB, "", "", List.of(), modulesToSave);
  }

  /// With the embeddings of a text to begin with.
  ///
  /// @throws AdapterException if it has no tokens
  public PromptTuning fromText(String words, Tokenizer reads) {
    return new PromptTuning(sizes, Start.TEXT, words, tokenizer, List.of(), modulesToSave)
        .with(reads);
  }

  @Override
  public PromptTuning with(Tokenizer reads) {
    if (init != Start.TEXT) {
      return this;
    }
    int[] found = reads.encodeToIds(text, true);
    if (found.length == 0) {
      throw new AdapterException(
          "prompt tuning begins with a text, and it has no tokens: '" + text + "'");
    }
    return new PromptTuning(
        sizes, init, text, tokenizer, Arrays.stream(found).boxed().toList(), modulesToSave);
  }

  private static PromptTuning read(AdapterFields fields) {
    String init = fields.word("prompt_tuning_init", "RANDOM").toUpperCase(Locale.ROOT);
    List<String> known = Arrays.stream(Start.values()).map(Start::name).toList();
    if (!known.contains(init)) {
      throw fields.wrong("prompt_tuning_init", "one of " + known, init);
    }
    String text = fields.word("prompt_tuning_init_text", "");
    if (init.equals("TEXT") && text.isEmpty()) {
      throw fields.wrong("prompt_tuning_init_text", "a text, as prompt_tuning_init is TEXT", text);
    }
    fields.ignore("tokenizer_kwargs");
    return new PromptTuning(
        PromptSizes.read(fields),
        Start.valueOf(init),
        text,
        fields.word("tokenizer_name_or_path", ""),
        List.of(),
        fields.words("modules_to_save"));
  }

  @Override
  public AdapterKind kind() {
    return KIND;
  }

  @Override
  public boolean lengthens() {
    return true;
  }

  @Override
  public Map<String, Object> fields() {
    var fields = new LinkedHashMap<String, Object>(sizes.fields());
    // peft takes TEXT with the tokenizer's name alone
    boolean told = init != Start.TEXT || !tokenizer.isEmpty();
    fields.put("prompt_tuning_init", (told ? init : Start.RANDOM).name());
    if (init == Start.TEXT && told) {
      fields.put("prompt_tuning_init_text", text);
      fields.put("tokenizer_name_or_path", tokenizer);
    }
    return fields;
  }

  @Override
  public AdapterParts attach(Attachment attachment) {
    PromptSizes sized = sizes(sizes, attachment);
    Init values =
        switch (init) {
          case RANDOM -> Init.normal(1);
          case SAMPLE_VOCAB -> rows(attachment, sized, List.of());
          case TEXT -> rows(attachment, sized, ids);
        };
    if (attachment.fresh() && init == Start.TEXT && ids.isEmpty()) {
      throw new AdapterException(
          "prompt tuning is to begin with the embeddings of '"
              + text
              + "', whose ids nobody gave: call with(tokenizer) first");
    }
    VirtualTokens tokens = VirtualTokens.table(attachment, sized.rows(), sized.width(), values);
    attachment.put(PLACE, new PromptDelta(tokens, sized.tokens()));
    return new PromptParts(
        new PromptTuning(sized, init, text, tokenizer, ids, modulesToSave), tokens);
  }

  /// The sizes on a model, whose embeddings the tokens stand among.
  static PromptSizes sizes(PromptSizes given, Attachment attachment) {
    T5Config config = attachment.model().config();
    PromptSizes sized = given.on(config.modelWidth(), config.heads(), config.encoderLayers());
    if (sized.width() != config.modelWidth()) {
      throw new AdapterException(
          "token_dim must be the model's width, d_model = "
              + config.modelWidth()
              + " on this base, not "
              + sized.width()
              + ". Is it the adapter of another base?");
    }
    return sized;
  }

  /// Rows of the base's embedding: of ids in turn, or, without any, drawn at random.
  private static Init rows(Attachment attachment, PromptSizes sized, List<Integer> ids) {
    return (parameter, seed) -> {
      Embedding table = attachment.model().encoder().table();
      int size = attachment.model().config().sourceRows();
      var random = Philox.of(seed, 0);
      int[] chosen = new int[sized.rows()];
      for (int i = 0; i < chosen.length; i++) {
        chosen[i] = ids.isEmpty() ? random.nextInt(size) : ids.get(i % ids.size());
      }
      try (var _ = Scope.openWithoutGradients(parameter.device())) {
        Tensor some = table.weight().rows(Tensor.ofInts(Shape.of(chosen.length), chosen));
        parameter.set(some.cast(DType.F32));
      }
    };
  }
}
