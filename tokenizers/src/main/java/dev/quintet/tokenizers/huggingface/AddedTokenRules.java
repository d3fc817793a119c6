package dev.quintet.tokenizers.huggingface;

import dev.quintet.tokenizers.json.Json;
import dev.quintet.tokenizers.json.Node;
import dev.quintet.tokenizers.sentencepiece.file.SentencePieceModel;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.function.Function;

/// Adds tokens to a vocabulary as transformers 5.18 does when it loads a folder: the ids that files name give the order,
/// but what is new gets the next id.
final class AddedTokenRules {

  private static final List<String> ROLES =
      List.of(
          "bos_token",
          "eos_token",
          "unk_token",
          "sep_token",
          "pad_token",
          "cls_token",
          "mask_token");
  private static final int UNSET = 0;
  private static final int MOST_SENTINELS = 10_000;

  private final Function<String, OptionalInt> vocabulary;
  private final int size;
  private final Map<String, AddedToken> tokens = new LinkedHashMap<>();
  private int highest = -1;

  private AddedTokenRules(Function<String, OptionalInt> vocabulary, int size) {
    this.vocabulary = vocabulary;
    this.size = size;
  }

  /// What is added to a tokenizer that has some added tokens already.
  static List<AddedToken> of(Node top, List<AddedToken> present, Vocabulary vocabulary) {
    var rules = new AddedTokenRules(vocabulary::id, vocabulary.count());
    for (AddedToken token : present) {
      rules.tokens.put(token.content(), token);
      rules.highest = Math.max(rules.highest, token.id());
    }
    listed(top).forEach(rules::put);
    roles(top).forEach(rules::addNew);
    List<AddedToken> extra = tokens(top, "extra_special_tokens");
    (extra.isEmpty() ? tokens(top, "additional_special_tokens") : extra).forEach(rules::addNew);
    return List.copyOf(rules.tokens.values());
  }

  /// What T5 adds to a SentencePiece model.
  static List<AddedToken> t5(Node top, SentencePieceModel model) {
    int sentinels = sentinels(top, model);
    Map<String, Integer> ids = new LinkedHashMap<>();
    for (int i = 0; i < sentinels; i++) {
      ids.put("<extra_id_" + i + ">", model.size() + sentinels - 1 - i);
    }
    var rules =
        new AddedTokenRules(
            text -> {
              Integer id = ids.get(text);
              return id == null ? model.id(text) : OptionalInt.of(id);
            },
            model.size() + sentinels);
    listed(top).forEach(rules::put);
    roles(top).forEach(rules::addNew);
    // Not those of `special_tokens_map.json`: what the model file itself names takes their place.
    List<AddedToken> further = tokens(top, "extra_special_tokens");
    further.forEach(rules::addNew);
    for (int id = 0; further.isEmpty() && id < model.size(); id++) {
      if (model.type(id) == SentencePieceModel.Type.CONTROL) {
        rules.addNew(AddedToken.special(UNSET, model.piece(id)));
      }
    }
    ids.keySet().forEach(text -> rules.addNew(AddedToken.special(UNSET, text)));
    var all = new ArrayList<>(rules.tokens.values());
    all.sort(Comparator.comparingInt(AddedToken::id));
    return all;
  }

  private static int sentinels(Node top, SentencePieceModel model) {
    // mT5's model has the pieces "\u2581<extra_id_0>" to "\u2581<extra_id_99>", and a model whose
    // vocabulary was
    // extended after T5's sentinels has pieces for them too.
    if (model.id("\u2581<extra_id_0>").isPresent() || model.id("<extra_id_0>").isPresent()) {
      return 0;
    }
    int extra = top.find("extra_ids").map(Node::integer).orElse(100);
    if (extra > MOST_SENTINELS) {
      throw top.get("extra_ids")
          .malformed("at most " + MOST_SENTINELS + " sentinels, got " + extra);
    }
    return extra;
  }

  /// The tokens of `added_tokens_decoder` in the order of their ids.
  private static List<AddedToken> listed(Node top) {
    List<AddedToken> all = new ArrayList<>();
    Node list = top.find("added_tokens_decoder").orElse(null);
    if (list == null) {
      return all;
    }
    if (!(list.value() instanceof Json.Obj(var members))) {
      throw list.malformed("expected an object");
    }
    for (String id : members.keySet()) {
      Node node = list.get(id);
      if (!id.matches("[0-9]{1,9}")) {
        throw node.malformed("an id must be a number from 0 to 999999999, got \"" + id + "\"");
      }
      all.add(withId(token(node, false), Integer.parseInt(id)));
    }
    all.sort(Comparator.comparingInt(AddedToken::id));
    return all;
  }

  /// The tokens that have a role, and those of roles that only one model has.
  static List<AddedToken> roles(Node top) {
    List<AddedToken> all = new ArrayList<>();
    for (String role : ROLES) {
      top.find(role).filter(AddedTokenRules::isToken).ifPresent(node -> all.add(token(node, true)));
    }
    if (top.value() instanceof Json.Obj(var members)) {
      for (String name : members.keySet()) {
        if (name.endsWith("_token") && !ROLES.contains(name)) {
          top.find(name)
              .filter(AddedTokenRules::isToken)
              .ifPresent(node -> all.add(token(node, true)));
        }
      }
    }
    Node named = top.find("extra_special_tokens").orElse(null);
    if (named != null && named.value() instanceof Json.Obj(var members)) {
      members.keySet().forEach(name -> all.add(token(named.get(name), true)));
    }
    return all;
  }

  /// A token is its text, or an object with its text as `content`; `add_bos_token` is neither.
  private static boolean isToken(Node node) {
    return node.value() instanceof Json.Str || node.value() instanceof Json.Obj;
  }

  /// The tokens of a list.
  static List<AddedToken> tokens(Node top, String name) {
    return top.find(name)
        .filter(node -> node.value() instanceof Json.Arr)
        .map(node -> node.items().stream().map(one -> token(one, true)).toList())
        .orElse(List.of());
  }

  private static AddedToken token(Node node, boolean isSpecial) {
    boolean object = node.value() instanceof Json.Obj;
    String content = object ? node.get("content").string() : node.string();
    if (content.isEmpty()) {
      throw node.malformed("a token may not be empty");
    }
    if (!object) {
      return AddedToken.special(UNSET, content);
    }
    boolean special = isSpecial || node.bool("special", false);
    return new AddedToken(
        UNSET,
        content,
        node.bool("single_word", false),
        node.bool("lstrip", false),
        node.bool("rstrip", false),
        node.bool("normalized", !special),
        special);
  }

  private static AddedToken withId(AddedToken token, int id) {
    return new AddedToken(
        id,
        token.content(),
        token.singleWord(),
        token.lstrip(),
        token.rstrip(),
        token.normalized(),
        token.special());
  }

  private void addNew(AddedToken token) {
    if (!tokens.containsKey(token.content())) {
      put(token);
    }
  }

  /// Adds a token, or gives one that is there other properties.
  private void put(AddedToken token) {
    AddedToken before = tokens.get(token.content());
    int id =
        before != null
            ? before.id()
            : vocabulary.apply(token.content()).orElse(Math.max(size, highest + 1));
    highest = Math.max(highest, id);
    tokens.put(token.content(), withId(token, id));
  }
}
