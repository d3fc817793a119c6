package dev.quintet.tokenizers.huggingface;

import dev.quintet.tokenizers.json.Json;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToIntFunction;

/// What transformers' classes make of a vocabulary and its merges.
enum ByteLevelKind {
  /// Nothing but what the files list.
  PLAIN,
  /// GPT-2: nothing around a text, unless `add_bos_token` or `add_eos_token` says so.
  GPT2,
  /// RoBERTa, with whose tokenizer CodeT5 comes: `<s>` before a text and `</s>` after it.
  ROBERTA;

  /// By the class, or where no class has a name by the model's type.
  static ByteLevelKind of(TokenizerConfig config) {
    String kind = config.kind().isEmpty() ? config.modelType() : config.kind();
    return switch (kind) {
      case "RobertaTokenizer", "RobertaTokenizerFast", "BartTokenizer", "BartTokenizerFast" ->
          ROBERTA;
      case "roberta", "bart" -> ROBERTA;
      case "GPT2Tokenizer", "GPT2TokenizerFast", "gpt2" -> GPT2;
      default -> PLAIN;
    };
  }

  /// The tokens of roles that no file names.
  Map<String, String> roles() {
    Map<String, String> roles = new LinkedHashMap<>();
    switch (this) {
      case PLAIN -> {}
      case GPT2 ->
          List.of("bos_token", "eos_token", "unk_token")
              .forEach(role -> roles.put(role, "<|endoftext|>"));
      case ROBERTA -> {
        roles.put("bos_token", "<s>");
        roles.put("eos_token", "</s>");
        roles.put("unk_token", "<unk>");
        roles.put("sep_token", "</s>");
        roles.put("pad_token", "<pad>");
        roles.put("cls_token", "<s>");
        roles.put("mask_token", "<mask>");
      }
    }
    return roles;
  }

  /// What a `tokenizer.json` says of the tokens around a text.
  ///
  /// @param ids the ids of tokens
  Json postProcessor(TokenizerConfig config, ToIntFunction<String> ids) {
    return switch (this) {
      case PLAIN -> Json.Mark.NULL;
      case GPT2 -> {
        Optional<String> bos =
            config.role("bos_token").filter(_ -> config.says("add_bos_token", false));
        Optional<String> eos =
            config.role("eos_token").filter(_ -> config.says("add_eos_token", false));
        yield bos.isEmpty() && eos.isEmpty()
            ? Json.Mark.NULL
            : TokenizerJsonBuilder.template(bos, eos, ids);
      }
      case ROBERTA ->
          TokenizerJsonBuilder.object(
              "type",
              TokenizerJsonBuilder.text("RobertaProcessing"),
              "sep",
              pair(config.role("sep_token").orElseThrow(), ids),
              "cls",
              pair(config.role("cls_token").orElseThrow(), ids),
              "trim_offsets",
              new Json.Bool(config.says("trim_offsets", true)),
              "add_prefix_space",
              new Json.Bool(config.says("add_prefix_space", false)));
    };
  }

  private static Json pair(String token, ToIntFunction<String> ids) {
    return TokenizerJsonBuilder.array(
        List.of(new Json.Str(token), new Json.Num(Integer.toString(ids.applyAsInt(token)))));
  }
}
