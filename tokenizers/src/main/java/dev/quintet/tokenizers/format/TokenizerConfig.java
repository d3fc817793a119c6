package dev.quintet.tokenizers.format;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/// A `tokenizer_config.json`: what transformers adds to a `tokenizer.json`, above all which tokens
/// pad, end a sequence and stand for the unknown. What is read is kept and written back.
public final class TokenizerConfig {

  /// What transformers writes for "no limit".
  private static final String NO_LIMIT = "1000000000000000019884624838656";

  private static final String SENTINELS = "sentinels";
  private static final String LAST_BYTES = "last_bytes";

  private final String file;
  private final Json.Obj root;
  private final boolean pretty;
  private final Optional<String> pad;
  private final Optional<String> eos;
  private final Optional<String> unknown;

  private TokenizerConfig(String file, Json.Obj root, boolean pretty) {
    this.file = file;
    this.root = root;
    this.pretty = pretty;
    Node top = new Node(file, "", root);
    this.pad = token(top, "pad_token");
    this.eos = token(top, "eos_token");
    this.unknown = token(top, "unk_token");
  }

  /// A token is its text, or an object with its text as `content`.
  private static Optional<String> token(Node top, String name) {
    return top.find(name)
        .map(node ->
            node.value() instanceof Json.Obj ? node.get("content").string() : node.string());
  }

  /// Reads a file.
  ///
  /// @param file the file
  /// @return what it says
  /// @throws MalformedFileException when it breaks a rule
  /// @throws java.io.UncheckedIOException when it cannot be read
  public static TokenizerConfig read(Path file) {
    return parse(file.toString(), TokenizerFiles.read(file));
  }

  /// Reads what is in memory.
  ///
  /// @param name what error messages call it
  /// @param utf8 the JSON text
  /// @return what it says
  /// @throws MalformedFileException when it breaks a rule
  public static TokenizerConfig parse(String name, byte[] utf8) {
    boolean pretty = utf8.length < 2 || utf8[1] == '\n' || utf8[1] == '\r';
    try (JsonReader reader = JsonReader.of(name, utf8)) {
      reader.next();
      if (!(reader.tree() instanceof Json.Obj root)) {
        throw reader.malformed("expected an object");
      }
      reader.end();
      return new TokenizerConfig(name, root, pretty);
    }
  }

  /// Makes the configuration of a `PreTrainedTokenizerFast`.
  ///
  /// @param pad the padding token
  /// @param eos the token that ends a sequence
  /// @param unknown the token that stands for the unknown
  /// @param extra the other special tokens, in the order of their ids: transformers numbers them in
  ///     this order should they be new to it
  /// @return the configuration
  public static TokenizerConfig of(
      Optional<String> pad, Optional<String> eos, Optional<String> unknown, List<String> extra) {
    Json.Obj root =
        TokenizerJsonBuilder.object(
            "clean_up_tokenization_spaces",
            new Json.Bool(false),
            "extra_special_tokens",
            TokenizerJsonBuilder.array(extra.stream().map(TokenizerJsonBuilder::text).toList()),
            "model_max_length",
            new Json.Num(NO_LIMIT),
            "tokenizer_class",
            TokenizerJsonBuilder.text("PreTrainedTokenizerFast"));
    eos.ifPresent(token -> root.members().put("eos_token", new Json.Str(token)));
    pad.ifPresent(token -> root.members().put("pad_token", new Json.Str(token)));
    unknown.ifPresent(token -> root.members().put("unk_token", new Json.Str(token)));
    return new TokenizerConfig("tokenizer_config.json", root, true);
  }

  /// Writes a file, whole or not at all.
  ///
  /// @param file where to
  /// @throws java.io.UncheckedIOException when it cannot be written
  public void write(Path file) {
    JsonWriter writer = new JsonWriter(pretty);
    writer.tree(root, () -> {}, () -> {});
    TokenizerFiles.write(file, writer + "\n");
  }

  /// Whether it says that the tokenizer is T5's, which is a SentencePiece model and sentinels.
  ///
  /// @return whether the class's name begins with T5
  public boolean isT5() {
    return top().find("tokenizer_class").map(Node::string).orElse("").startsWith("T5");
  }

  /// This configuration with a list of all added tokens.
  ///
  /// @param tokens the added tokens
  /// @return the configuration
  public TokenizerConfig withAddedTokens(List<AddedToken> tokens) {
    Json.Obj listed = TokenizerJsonBuilder.object();
    for (AddedToken token : tokens) {
      Json.Obj members = new Json.Obj(new LinkedHashMap<>());
      TokenizerJsonBuilder.added(token)
          .members()
          .forEach((name, member) -> {
            if (!name.equals("id")) {
              members.members().put(name, member);
            }
          });
      listed.members().put(Integer.toString(token.id()), members);
    }
    Json.Obj all = new Json.Obj(new LinkedHashMap<>(root.members()));
    all.members().put("added_tokens_decoder", listed);
    return new TokenizerConfig(file, all, pretty);
  }

  /// Makes the configuration of ByT5's tokenizer.
  ///
  /// @param lastBytes whether its sentinels are the last bytes, as in the released checkpoints, and
  ///     not 125 tokens behind the bytes
  /// @return the configuration
  public static TokenizerConfig byT5(boolean lastBytes) {
    Json.Obj root =
        TokenizerJsonBuilder.object(
            "eos_token",
            TokenizerJsonBuilder.text("</s>"),
            "extra_ids",
            new Json.Num(lastBytes ? "0" : "125"),
            "model_max_length",
            new Json.Num(NO_LIMIT),
            "pad_token",
            TokenizerJsonBuilder.text("<pad>"));
    if (lastBytes) {
      root.members().put(SENTINELS, TokenizerJsonBuilder.text(LAST_BYTES));
    }
    root.members().put("tokenizer_class", TokenizerJsonBuilder.text("ByT5Tokenizer"));
    root.members().put("unk_token", TokenizerJsonBuilder.text("<unk>"));
    return new TokenizerConfig("tokenizer_config.json", root, true);
  }

  /// Whether it says that the tokenizer is ByT5's, which are bytes.
  ///
  /// @return whether the class's name begins with ByT5
  public boolean isByT5() {
    return top().find("tokenizer_class").map(Node::string).orElse("").startsWith("ByT5");
  }

  /// Whether ByT5's sentinels are the last bytes; only files written here say so.
  ///
  /// @return whether `sentinels` is `last_bytes`
  /// @throws MalformedFileException when `sentinels` is something else
  public boolean sentinelsAreLastBytes() {
    Optional<Node> said = top().find(SENTINELS);
    if (said.isPresent() && !said.get().string().equals(LAST_BYTES)) {
      throw said.get().malformed("expected \"" + LAST_BYTES + "\"");
    }
    return said.isPresent();
  }

  /// What ByT5 adds to the 256 bytes: the tokens listed as `added_tokens_decoder`; those for padding,
  /// end and unknown at 0, 1 and 2; the special tokens listed under their old or new name, or
  /// `extra_ids` sentinels (125 if not said), directly after the bytes.
  ///
  /// @return the tokens in the order of their ids
  /// @throws MalformedFileException when two tokens have one text or one id, or one has a byte's id
  public List<AddedToken> byT5Tokens() {
    return ByT5Tokens.of(top(), List.of(pad, eos, unknown));
  }

  private Node top() {
    return new Node(file, "", root);
  }

  /// What T5 adds to a SentencePiece model: the tokens listed as `added_tokens_decoder`, or where
  /// there is no list, the padding, end and unknown pieces and `extra_ids` sentinels (100 if not
  /// said) directly after the pieces, counting down.
  ///
  /// @param model the model
  /// @return the tokens in the order of their ids
  /// @throws MalformedFileException when a token contradicts the model
  public List<AddedToken> t5Tokens(SentencePieceModel model) {
    Optional<Node> listed = top().find("added_tokens_decoder");
    List<AddedToken> tokens = new ArrayList<>();
    if (listed.isPresent() && listed.get().value() instanceof Json.Obj(var members)) {
      for (String id : members.keySet()) {
        tokens.add(listedToken(listed.get().get(id), id, model, members.size()));
      }
    } else {
      for (Optional<String> role : List.of(pad, eos, unknown)) {
        role.map(model::id)
            .orElse(OptionalInt.empty())
            .ifPresent(id -> tokens.add(AddedToken.special(id, role.orElseThrow())));
      }
      int extra = top().find("extra_ids").map(Node::integer).orElse(100);
      if (extra > 10_000) {
        throw top().get("extra_ids").malformed("at most 10000 sentinels, got " + extra);
      }
      for (int i = extra - 1; i >= 0; i--) {
        tokens.add(AddedToken.special(model.size() + extra - 1 - i, "<extra_id_" + i + ">"));
      }
    }
    tokens.sort(Comparator.comparingInt(AddedToken::id));
    return tokens;
  }

  private static AddedToken listedToken(
      Node node, String id, SentencePieceModel model, int listed) {
    if (!id.matches("[0-9]{1,9}") || Integer.parseInt(id) >= 2 * (model.size() + listed)) {
      throw node.malformed("an id may be at most twice the number of tokens, got " + id);
    }
    int number = Integer.parseInt(id);
    String content = node.get("content").string();
    if (number < model.size() && !model.piece(number).equals(content)) {
      throw node.malformed("the model's piece of this id is \"" + model.piece(number) + "\"");
    }
    return new AddedToken(
        number,
        content,
        node.bool("single_word", false),
        node.bool("lstrip", false),
        node.bool("rstrip", false),
        false,
        node.bool("special", true));
  }

  /// The token that pads.
  ///
  /// @return its text, or nothing
  public Optional<String> pad() {
    return pad;
  }

  /// The token that ends a sequence.
  ///
  /// @return its text, or nothing
  public Optional<String> eos() {
    return eos;
  }

  /// The token that stands for the unknown.
  ///
  /// @return its text, or nothing
  public Optional<String> unknown() {
    return unknown;
  }
}
