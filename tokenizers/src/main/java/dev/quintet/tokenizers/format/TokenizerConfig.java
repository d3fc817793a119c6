package dev.quintet.tokenizers.format;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// A `tokenizer_config.json`: what transformers adds to a `tokenizer.json`, above all which tokens
/// pad, end a sequence and stand for the unknown. What is read is kept and written back.
public final class TokenizerConfig {

  /// What transformers writes for "no limit".
  private static final String NO_LIMIT = "1000000000000000019884624838656";

  private final Json.Obj root;
  private final boolean pretty;
  private final Optional<String> pad;
  private final Optional<String> eos;
  private final Optional<String> unknown;

  private TokenizerConfig(String file, Json.Obj root, boolean pretty) {
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
    return parse(file.toString(), AtomicFile.read(file));
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
    AtomicFile.write(file, writer + "\n");
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
