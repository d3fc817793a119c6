package dev.quintet.tokenizers.huggingface;

import dev.quintet.tokenizers.json.Json;
import dev.quintet.tokenizers.json.Node;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/// Reads what a configuration adds to ByT5's bytes, by transformers' rules.
final class ByT5Tokens {

  private static final int FIRST_BYTE = 3;
  private static final int AFTER_BYTES = FIRST_BYTE + 256;
  private static final int MOST = 100_000;

  private final TreeMap<Integer, AddedToken> byId = new TreeMap<>();
  private final Set<String> texts = new HashSet<>();

  private ByT5Tokens() {}

  static List<AddedToken> of(Node top, List<Optional<String>> roles) {
    ByT5Tokens tokens = new ByT5Tokens();
    Optional<Node> listed = top.find("added_tokens_decoder");
    if (listed.isPresent()) {
      tokens.list(listed.get());
    }
    List<String> names = List.of("pad_token", "eos_token", "unk_token");
    for (int id = 0; id < names.size(); id++) {
      Optional<String> text = roles.get(id);
      if (text.isPresent() && !tokens.byId.containsKey(id)) {
        Node node = top.get(names.get(id));
        boolean plain = node.value() instanceof Json.Str;
        tokens.addNew(
            node,
            new AddedToken(
                id,
                text.get(),
                false,
                plain || node.bool("lstrip", false),
                plain || node.bool("rstrip", false),
                false,
                true));
      }
    }
    for (Extra extra : extras(top)) {
      if (!tokens.texts.contains(extra.text())) {
        int next = tokens.byId.isEmpty() ? 0 : tokens.byId.lastKey() + 1;
        int id = Math.max(next, AFTER_BYTES);
        tokens.add(extra.node(), AddedToken.special(id, extra.text()));
      }
    }
    List<AddedToken> all = new ArrayList<>(tokens.byId.values());
    all.sort(Comparator.comparingInt(AddedToken::id));
    return all;
  }

  private record Extra(Node node, String text) {}

  private static List<Extra> extras(Node top) {
    Optional<Node> named =
        top.find("extra_special_tokens")
            .filter(node -> node.value() instanceof Json.Arr)
            .or(() -> top.find("additional_special_tokens"));
    List<Extra> extras = new ArrayList<>();
    if (named.isPresent() && !named.get().items().isEmpty()) {
      for (Node node : named.get().items()) {
        boolean object = node.value() instanceof Json.Obj;
        extras.add(new Extra(node, object ? node.get("content").string() : node.string()));
      }
      return extras;
    }
    int count = top.find("extra_ids").map(Node::integer).orElse(125);
    if (count > MOST) {
      throw top.get("extra_ids").malformed("at most " + MOST + " sentinels, got " + count);
    }
    for (int i = 0; i < count; i++) {
      extras.add(new Extra(top, "<extra_id_" + i + ">"));
    }
    return extras;
  }

  private void list(Node listed) {
    if (!(listed.value() instanceof Json.Obj(var members))) {
      throw listed.malformed("expected an object");
    }
    for (String id : members.keySet()) {
      Node node = listed.get(id);
      if (!id.matches("[0-9]{1,6}") || Integer.parseInt(id) > AFTER_BYTES + MOST) {
        throw node.malformed(
            "an id must be a number up to " + (AFTER_BYTES + MOST) + ", got \"" + id + "\"");
      }
      add(
          node,
          new AddedToken(
              Integer.parseInt(id),
              node.get("content").string(),
              node.bool("single_word", false),
              node.bool("lstrip", false),
              node.bool("rstrip", false),
              false,
              node.bool("special", true)));
    }
  }

  /// Adds a token whose text may be there already, under the id that it was listed with.
  private void addNew(Node node, AddedToken token) {
    if (!texts.contains(token.content())) {
      add(node, token);
    }
  }

  private void add(Node node, AddedToken token) {
    if (token.content().isEmpty()) {
      throw node.malformed("a token may not be empty");
    }
    if (token.id() >= FIRST_BYTE && token.id() < AFTER_BYTES) {
      throw node.malformed("the ids from 3 to 258 are the bytes', got " + token.id());
    }
    if (!texts.add(token.content()) || byId.putIfAbsent(token.id(), token) != null) {
      throw node.malformed(
          "tokens must differ, got \"" + token.content() + "\" with id " + token.id());
    }
  }
}
