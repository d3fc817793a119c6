package dev.quintet.tokenizers.huggingface;

import dev.quintet.tokenizers.file.MalformedFileException;
import dev.quintet.tokenizers.file.TokenizerFiles;
import dev.quintet.tokenizers.json.Json;
import dev.quintet.tokenizers.json.JsonReader;
import dev.quintet.tokenizers.json.JsonWriter;
import dev.quintet.tokenizers.json.Node;
import dev.quintet.tokenizers.sentencepiece.file.SentencePieceModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;

/// A `tokenizer_config.json`: what transformers adds to a `tokenizer.json`, above all which tokens
/// pad, end a sequence and stand for the unknown; with the files of transformers before 4.34 that say the same. What is
/// read is kept and written back.
public final class TokenizerConfig {

  /// What transformers writes for "no limit".
  private static final String NO_LIMIT = "1000000000000000019884624838656";

  private static final String FILE = "tokenizer_config.json";

  private static final String SENTINELS = "sentinels";
  private static final String LAST_BYTES = "last_bytes";

  private final String file;
  private final Json.Obj root;
  private final boolean pretty;

  /// What lies beside the file and counts.
  private final ConfigNeighbours beside;

  /// What the file and its neighbours say together.
  private final Node told;

  private final Optional<String> pad;
  private final Optional<String> eos;
  private final Optional<String> unknown;

  private TokenizerConfig(String file, Json.Obj root, boolean pretty, ConfigNeighbours beside) {
    this.file = file;
    this.root = root;
    this.pretty = pretty;
    this.beside = beside;
    this.told = new Node(file, "", beside.joined(file, root));
    this.pad = token(told, "pad_token");
    this.eos = token(told, "eos_token");
    this.unknown = token(told, "unk_token");
  }

  private TokenizerConfig(String file, Json.Obj root, boolean pretty) {
    this(file, root, pretty, ConfigNeighbours.NONE);
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

  /// Reads a folder's file together with what lies beside it: `special_tokens_map.json` and `added_tokens.json`, which
  /// transformers wrote before 4.34 (they have no say where the file lists `added_tokens_decoder`), and the kind of model
  /// and tokenizer that `config.json` names.
  ///
  /// @param folder the folder
  /// @return what they say, which is nothing where none of them is there
  /// @throws MalformedFileException when one breaks a rule
  /// @throws java.io.UncheckedIOException when one cannot be read
  public static TokenizerConfig ofFolder(Path folder) {
    ConfigNeighbours beside = ConfigNeighbours.of(folder);
    Path file = folder.resolve(FILE);
    if (!Files.exists(file)) {
      return new TokenizerConfig(file.toString(), TokenizerJsonBuilder.object(), true, beside);
    }
    TokenizerConfig alone = read(file);
    return new TokenizerConfig(alone.file, alone.root, alone.pretty, beside);
  }

  /// This configuration; or where there is no file, another one with what lies beside.
  ///
  /// @param otherwise stands for the file
  /// @return the configuration
  public TokenizerConfig orElse(TokenizerConfig otherwise) {
    return root.members().isEmpty()
        ? new TokenizerConfig(file, otherwise.root, otherwise.pretty, beside)
        : this;
  }

  /// This configuration, which [#save] writes together with a file of the tokenizer as it is now.
  ///
  /// @param other the file
  /// @return the configuration
  /// @throws java.io.UncheckedIOException when it cannot be read
  public TokenizerConfig keeping(Path other) {
    return new TokenizerConfig(file, root, pretty, beside.keeping(other));
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

  /// Writes the file into a folder, with the files of the tokenizer that lay beside it as they were.
  ///
  /// @param folder where to
  /// @throws java.io.UncheckedIOException when one cannot be written
  public void save(Path folder) {
    beside.write(folder);
    write(folder.resolve(FILE));
  }

  /// Whether the tokenizer is T5's, which is a SentencePiece model and sentinels: where the model is one of T5's family,
  /// or else where the tokenizer's class is.
  ///
  /// @return whether it is
  public boolean isT5() {
    String kind = kind();
    return kind.startsWith("T5")
        || kind.startsWith("MT5")
        || beside.hasT5Model() && !kind.startsWith("ByT5");
  }

  /// The class of the tokenizer, from the file or else `config.json`; empty where neither says it.
  String kind() {
    return top().find("tokenizer_class").map(Node::string).orElse("");
  }

  /// The model's type.
  String modelType() {
    return beside.modelType();
  }

  /// This configuration as T5's, whatever it says of its class.
  ///
  /// @return the configuration
  public TokenizerConfig asT5() {
    Json.Obj all = new Json.Obj(new LinkedHashMap<>(root.members()));
    // What `config.json` says is not in the folder that this is saved to.
    String own = root.members().get("tokenizer_class") instanceof Json.Str(var name) ? name : "";
    if (!own.startsWith("T5") && !own.startsWith("MT5")) {
      all.members().put("tokenizer_class", TokenizerJsonBuilder.text("T5Tokenizer"));
    }
    ConfigNeighbours others =
        beside
            .withDefault("eos_token", "</s>")
            .withDefault("pad_token", "<pad>")
            .withDefault("unk_token", "<unk>");
    return new TokenizerConfig(file, all, pretty, others);
  }

  /// This configuration with what the tokenizer's class has for a vocabulary and its merges.
  ///
  /// @return the configuration
  public TokenizerConfig asByteLevel() {
    ConfigNeighbours others = beside;
    for (var role : ByteLevelKind.of(this).roles().entrySet()) {
      others = others.withDefault(role.getKey(), role.getValue());
    }
    return new TokenizerConfig(file, root, pretty, others);
  }

  /// Whether a setting is there and true.
  boolean says(String name, boolean otherwise) {
    return top().bool(name, otherwise);
  }

  /// The text of a role's token.
  Optional<String> role(String name) {
    return token(top(), name);
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
    return new TokenizerConfig(file, all, pretty, beside);
  }

  /// Makes the configuration of ByT5's tokenizer.
  ///
  /// @param lastBytes whether its sentinels are the last bytes, as in the released checkpoints, and
  ///     not 125 tokens after the bytes
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
  /// @return whether the class's name begins with ByT5, or the model's type is byt5 and no class has a name
  public boolean isByT5() {
    return kind().startsWith("ByT5") || kind().isEmpty() && beside.modelType().equals("byt5");
  }

  /// This configuration, or where there is no file ByT5's own, with the usual tokens for padding, end and unknown.
  ///
  /// @return the configuration
  public TokenizerConfig asByT5() {
    TokenizerConfig some = orElse(byT5(false));
    return new TokenizerConfig(
        some.file,
        some.root,
        some.pretty,
        beside
            .withDefault("pad_token", "<pad>")
            .withDefault("eos_token", "</s>")
            .withDefault("unk_token", "<unk>"));
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
    return told;
  }

  /// What T5 adds to a SentencePiece model by transformers' rules, which [#addedTokens] has. `extra_ids` sentinels (100
  /// if not said, none where the model has pieces for them) come directly after the pieces, counting down, and before all
  /// that is new.
  ///
  /// @param model the model
  /// @return the tokens in the order of their ids
  /// @throws MalformedFileException when a token has no text
  public List<AddedToken> t5Tokens(SentencePieceModel model) {
    return AddedTokenRules.t5(asT5().told, model);
  }

  /// What is added to a tokenizer by transformers' rules: its own added tokens; then those listed as
  /// `added_tokens_decoder` or in `added_tokens.json`, in the order of the ids that they have there; then the tokens with
  /// a role; then the further special tokens. A text that the vocabulary holds keeps its id, and a new one gets the next.
  ///
  /// @param description the tokenizer
  /// @return the tokens: those of the description first
  /// @throws MalformedFileException when a token has no text
  public List<AddedToken> addedTokens(TokenizerJson description) {
    return AddedTokenRules.of(told, description.addedTokens(), description.model().vocabulary());
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
