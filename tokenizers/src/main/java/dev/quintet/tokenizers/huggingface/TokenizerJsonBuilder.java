package dev.quintet.tokenizers.huggingface;

import dev.quintet.tokenizers.json.Json;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.ToIntFunction;

/// Writes down a trained tokenizer member by member as Hugging Face's library would, and reads it
/// back by the rules for files.
final class TokenizerJsonBuilder {

  private TokenizerJsonBuilder() {}

  static TokenizerJson byteLevelBpe(
      BpeSpec model,
      List<AddedToken> addedTokens,
      List<PreTokenizerSpec> preTokenizers,
      Optional<AddedToken> eos) {
    return byteLevelBpe(
        model,
        addedTokens,
        preTokenizers,
        eos.<Json>map(TokenizerJsonBuilder::template).orElse(Json.Mark.NULL));
  }

  static TokenizerJson byteLevelBpe(
      BpeSpec model,
      List<AddedToken> addedTokens,
      List<PreTokenizerSpec> preTokenizers,
      Json postProcessor) {
    Json.Obj root =
        object(
            "version", text("1.0"),
            "truncation", Json.Mark.NULL,
            "padding", Json.Mark.NULL,
            "added_tokens", array(addedTokens.stream().map(token -> (Json) added(token)).toList()),
            "normalizer", Json.Mark.NULL,
            "pre_tokenizer", preTokenizer(preTokenizers),
            "post_processor", postProcessor,
            "decoder", byteLevel(new PreTokenizerSpec.ByteLevel(true, true, true)),
            "model", model(model));
    Vocabulary vocabulary = model.vocabulary();
    Vocabulary.Builder table = new Vocabulary.Builder();
    for (int i = 0; i < vocabulary.count(); i++) {
      int id = vocabulary.listed(i);
      table.add(vocabulary.token(id).orElseThrow(), id);
    }
    return TokenizerJsonReader.interpret(
        "trained tokenizer", root, table, merges(vocabulary, model.merges()), List.of(), true);
  }

  /// A unigram tokenizer with more pieces after its own, and more added tokens.
  static TokenizerJson withPieces(
      String name,
      Json.Obj root,
      boolean pretty,
      List<String> pieces,
      List<String> scores,
      List<AddedToken> more) {
    Vocabulary.Builder table = new Vocabulary.Builder();
    for (int id = 0; id < pieces.size(); id++) {
      table.again(pieces.get(id), id);
    }
    Json.Obj all = new Json.Obj(new LinkedHashMap<>(root.members()));
    List<Json> added = new ArrayList<>();
    if (root.members().get("added_tokens") instanceof Json.Arr(var items)) {
      added.addAll(items);
    }
    more.forEach(token -> added.add(added(token)));
    all.members().put("added_tokens", array(added));
    return TokenizerJsonReader.interpret(name, all, table, Merges.NONE, scores, pretty);
  }

  private static Merges merges(Vocabulary vocabulary, int[] ids) {
    String[] left = new String[ids.length / 3];
    String[] right = new String[left.length];
    for (int i = 0; i < left.length; i++) {
      left[i] = vocabulary.token(ids[3 * i]).orElseThrow();
      right[i] = vocabulary.token(ids[3 * i + 1]).orElseThrow();
    }
    return new Merges(left, right, true);
  }

  static Json.Obj added(AddedToken token) {
    return object(
        "id", number(token.id()),
        "content", text(token.content()),
        "single_word", new Json.Bool(token.singleWord()),
        "lstrip", new Json.Bool(token.lstrip()),
        "rstrip", new Json.Bool(token.rstrip()),
        "normalized", new Json.Bool(token.normalized()),
        "special", new Json.Bool(token.special()));
  }

  private static Json model(BpeSpec model) {
    return object(
        "type",
        text("BPE"),
        "dropout",
        Json.Mark.NULL,
        "unk_token",
        model.unknown().<Json>map(Json.Str::new).orElse(Json.Mark.NULL),
        "continuing_subword_prefix",
        Json.Mark.NULL,
        "end_of_word_suffix",
        Json.Mark.NULL,
        "fuse_unk",
        new Json.Bool(model.fuseUnknown()),
        "byte_fallback",
        new Json.Bool(false),
        "ignore_merges",
        new Json.Bool(model.ignoreMerges()),
        "vocab",
        Json.Mark.VOCABULARY,
        "merges",
        Json.Mark.MERGES);
  }

  private static Json preTokenizer(List<PreTokenizerSpec> steps) {
    List<Json> all = steps.stream().map(TokenizerJsonBuilder::preTokenizer).toList();
    return all.size() == 1
        ? all.getFirst()
        : object("type", text("Sequence"), "pretokenizers", array(all));
  }

  private static Json preTokenizer(PreTokenizerSpec step) {
    return switch (step) {
      case PreTokenizerSpec.ByteLevel byteLevel -> byteLevel(byteLevel);
      case PreTokenizerSpec.Digits(boolean individual) ->
          object("type", text("Digits"), "individual_digits", new Json.Bool(individual));
      case PreTokenizerSpec.WhitespaceSplit() -> object("type", text("WhitespaceSplit"));
      case PreTokenizerSpec.Whitespace() -> object("type", text("Whitespace"));
      case PreTokenizerSpec.Bert() -> object("type", text("BertPreTokenizer"));
      case PreTokenizerSpec.Punctuation(var behavior) ->
          object("type", text("Punctuation"), "behavior", text(behavior.spelled()));
      case PreTokenizerSpec.CharDelimiterSplit(var delimiter) ->
          object("type", text("CharDelimiterSplit"), "delimiter", text(delimiter));
      case PreTokenizerSpec.UnicodeScripts() -> object("type", text("UnicodeScripts"));
      case PreTokenizerSpec.FixedLength(var length) ->
          object("type", text("FixedLength"), "length", number(length));
      case PreTokenizerSpec.Metaspace(var replacement, var prepend, var split) ->
          object(
              "type", text("Metaspace"),
              "replacement", text(replacement),
              "prepend_scheme", text(prepend.name().toLowerCase(Locale.ROOT)),
              "split", new Json.Bool(split));
      case PreTokenizerSpec.Split(var pattern, var regex, var behavior, var invert) ->
          object(
              "type", text("Split"),
              "pattern", object(regex ? "Regex" : "String", text(pattern)),
              "behavior", text(behavior.spelled()),
              "invert", new Json.Bool(invert));
    };
  }

  private static Json byteLevel(PreTokenizerSpec.ByteLevel step) {
    return object(
        "type", text("ByteLevel"),
        "add_prefix_space", new Json.Bool(step.addPrefixSpace()),
        "trim_offsets", new Json.Bool(step.trimOffsets()),
        "use_regex", new Json.Bool(step.useRegex()));
  }

  /// `$A </s>`, and `$A </s> $B </s>` for two texts.
  private static Json template(AddedToken eos) {
    Json end = piece("SpecialToken", eos.content());
    Json a = piece("Sequence", "A");
    Json b = piece("Sequence", "B");
    return object(
        "type", text("TemplateProcessing"),
        "single", array(List.of(a, end)),
        "pair", array(List.of(a, end, b, end)),
        "special_tokens", object(eos.content(), specialToken(eos.content(), eos.id())));
  }

  /// `bos $A eos`, and `bos $A eos bos:1 $B:1 eos:1` for two texts.
  static Json template(Optional<String> bos, Optional<String> eos, ToIntFunction<String> ids) {
    List<Json> single = new ArrayList<>();
    List<Json> pair = new ArrayList<>();
    Json.Obj special = object();
    for (int type = 0; type < 2; type++) {
      List<Json> one = new ArrayList<>();
      int now = type;
      bos.ifPresent(token -> one.add(piece("SpecialToken", token, now)));
      one.add(piece("Sequence", type == 0 ? "A" : "B", type));
      eos.ifPresent(token -> one.add(piece("SpecialToken", token, now)));
      pair.addAll(one);
      if (type == 0) {
        single.addAll(one);
      }
    }
    for (Optional<String> role : List.of(bos, eos)) {
      role.ifPresent(
          token -> special.members().put(token, specialToken(token, ids.applyAsInt(token))));
    }
    return object(
        "type", text("TemplateProcessing"),
        "single", array(single),
        "pair", array(pair),
        "special_tokens", special);
  }

  private static Json specialToken(String token, int id) {
    return object(
        "id", text(token),
        "ids", array(List.of(number(id))),
        "tokens", array(List.of(text(token))));
  }

  private static Json piece(String kind, String id) {
    return piece(kind, id, 0);
  }

  private static Json piece(String kind, String id, int type) {
    return object(kind, object("id", text(id), "type_id", number(type)));
  }

  static Json text(String value) {
    return new Json.Str(value);
  }

  private static Json number(int value) {
    return new Json.Num(Integer.toString(value));
  }

  static Json array(List<Json> items) {
    return new Json.Arr(new ArrayList<>(items));
  }

  /// An object of names and values in turn.
  static Json.Obj object(Object... namesAndValues) {
    var members = new LinkedHashMap<String, Json>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      members.put((String) namesAndValues[i], (Json) namesAndValues[i + 1]);
    }
    return new Json.Obj(members);
  }
}
