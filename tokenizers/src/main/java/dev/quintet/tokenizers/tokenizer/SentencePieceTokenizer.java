package dev.quintet.tokenizers.tokenizer;

import dev.quintet.tokenizers.format.AddedToken;
import dev.quintet.tokenizers.format.SentencePieceModel;
import dev.quintet.tokenizers.format.TokenizerConfig;
import dev.quintet.tokenizers.sentencepiece.SentencePiece;
import dev.quintet.tokenizers.token.Text;
import dev.quintet.tokenizers.token.TokenBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/// A SentencePiece model, alone or with what T5 adds: `</s>` at the end, and sentinels after the
/// pieces, counting down. Added tokens are found in the raw text; what lies between them is
/// encoded on its own.
final class SentencePieceTokenizer implements Tokenizer {

  static final String MODEL = "spiece.model";

  private final SentencePiece pieces;
  private final SentencePieceModel model;
  private final Optional<TokenizerConfig> config;
  private final List<AddedToken> added;
  private final AddedTokenMatcher matcher;
  private final Map<String, AddedToken> byText = new HashMap<>();
  private final Map<Integer, AddedToken> byId = new HashMap<>();
  private final int size;

  private SentencePieceTokenizer(
      SentencePieceModel model, List<AddedToken> added, Optional<TokenizerConfig> config) {
    this.model = model;
    this.pieces = new SentencePiece(model);
    this.added = added;
    this.config = config;
    this.matcher = new AddedTokenMatcher(added, text -> text);
    for (AddedToken token : added) {
      byText.put(token.content(), token);
      byId.put(token.id(), token);
    }
    this.size =
        Math.max(model.size(), 1 + added.stream().mapToInt(AddedToken::id).max().orElse(-1));
  }

  /// The model alone: no added tokens, nothing at the end.
  static Tokenizer plain(SentencePieceModel model) {
    return new SentencePieceTokenizer(model, List.of(), Optional.empty());
  }

  /// The model as T5 uses it.
  static Tokenizer t5(SentencePieceModel model, TokenizerConfig config) {
    return new SentencePieceTokenizer(model, config.t5Tokens(model), Optional.of(config));
  }

  @Override
  public Encoding encode(CharSequence text, boolean addSpecialTokens) {
    String whole = Text.wellFormed(text);
    TokenBuffer out = new TokenBuffer(whole.length() / 3 + 2);
    matcher.split(
        whole,
        0,
        whole.length(),
        new AddedTokenMatcher.Sink() {
          @Override
          public void text(int start, int end) {
            pieces.encode(whole, start, end, out);
          }

          @Override
          public void token(int id, int start, int end) {
            out.add(id, start, end);
          }
        });
    if (addSpecialTokens && config.isPresent()) {
      eosId().ifPresent(eos -> out.add(eos, 0, 0));
    }
    return new Encoding(out.ids(), out.starts(), out.ends());
  }

  @Override
  public int[] encodeToIds(CharSequence text, boolean addSpecialTokens) {
    if (config.isPresent() || !added.isEmpty()) {
      return encode(text, addSpecialTokens).ids();
    }
    return pieces.encodeToIds(Text.wellFormed(text));
  }

  @Override
  public String decode(int[] ids, boolean skipSpecialTokens) {
    int[] known = Arrays.stream(ids).filter(id -> byId.containsKey(id) || isPiece(id)).toArray();
    if (config.isEmpty()) {
      return pieces.decode(known); // SentencePiece knows no special tokens
    }
    StringBuilder out = new StringBuilder();
    int from = 0;
    for (int i = 0; i <= known.length; i++) {
      AddedToken token = i < known.length ? byId.get(known[i]) : null;
      if (i == known.length || token != null) {
        out.append(pieces.decode(Arrays.copyOfRange(known, from, i), from == 0));
        if (token != null && !(skipSpecialTokens && token.special())) {
          out.append(token.content());
        }
        from = i + 1;
      }
    }
    return out.toString();
  }

  private boolean isPiece(int id) {
    return id >= 0 && id < model.size();
  }

  @Override
  public int vocabularySize() {
    return size;
  }

  @Override
  public OptionalInt id(String token) {
    AddedToken found = byText.get(token);
    return found == null ? model.id(token) : OptionalInt.of(found.id());
  }

  @Override
  public String token(int id) {
    AddedToken found = byId.get(id);
    if (found == null && !isPiece(id)) {
      throw new IllegalArgumentException(
          "token: expected an id from 0 to " + (size - 1) + " that is taken, got " + id);
    }
    return found == null ? model.piece(id) : found.content();
  }

  @Override
  public OptionalInt padId() {
    return config.flatMap(TokenizerConfig::pad).map(this::id).orElseGet(model::pad);
  }

  @Override
  public OptionalInt eosId() {
    return config.flatMap(TokenizerConfig::eos).map(this::id).orElseGet(model::eos);
  }

  @Override
  public OptionalInt unknownId() {
    return OptionalInt.of(model.unknown());
  }

  @Override
  public void save(Path folder) {
    config.ifPresent(known -> known.write(folder.resolve(TokenizerFolder.CONFIG)));
    model.write(folder.resolve(MODEL));
  }

  @Override
  public String toString() {
    return "SentencePieceTokenizer[" + model.name() + ", " + added.size() + " added]";
  }
}
