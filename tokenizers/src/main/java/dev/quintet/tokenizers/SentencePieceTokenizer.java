package dev.quintet.tokenizers;

import dev.quintet.tokenizers.huggingface.AddedToken;
import dev.quintet.tokenizers.huggingface.TokenizerConfig;
import dev.quintet.tokenizers.pipeline.AddedTokenMatcher;
import dev.quintet.tokenizers.sentencepiece.SentencePiece;
import dev.quintet.tokenizers.sentencepiece.file.SentencePieceModel;
import dev.quintet.tokenizers.text.Text;
import dev.quintet.tokenizers.text.TokenBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/// A SentencePiece model, alone or with what T5 adds: `</s>` at the end, and sentinels after the
/// pieces, counting down. Added tokens are found in the raw text; what lies between them is
/// encoded on its own.
public final class SentencePieceTokenizer implements Tokenizer {

  static final String MODEL = "spiece.model";

  private static final int NOT_ADDED = -1;

  private final SentencePiece pieces;
  private final SentencePieceModel model;
  private final Optional<TokenizerConfig> config;
  private final List<AddedToken> added;
  private final AddedTokenMatcher matcher;
  private final AddedTokenMatcher laterMatcher;
  private final Map<String, AddedToken> byText = new HashMap<>();

  /// The index of each id's added token, or -1.
  private final int[] addedIndex;

  private final int size;

  private SentencePieceTokenizer(
      SentencePiece pieces, List<AddedToken> added, Optional<TokenizerConfig> config) {
    this.model = pieces.model();
    this.pieces = pieces;
    this.added = added;
    this.config = config;
    // As everywhere, those that are not special are looked for in what the others left.
    this.matcher =
        new AddedTokenMatcher(
            added.stream().filter(token -> !token.normalized()).toList(), text -> text);
    this.laterMatcher =
        new AddedTokenMatcher(added.stream().filter(AddedToken::normalized).toList(), text -> text);
    this.size =
        Math.max(model.size(), 1 + added.stream().mapToInt(AddedToken::id).max().orElse(-1));
    this.addedIndex = new int[size];
    Arrays.fill(addedIndex, NOT_ADDED);
    for (int i = 0; i < added.size(); i++) {
      byText.put(added.get(i).content(), added.get(i));
      addedIndex[added.get(i).id()] = i;
    }
  }

  /// The model itself, which gives more than one segmentation of a text.
  ///
  /// @return the model, without the added tokens
  public SentencePiece pieces() {
    return pieces;
  }

  /// The model alone: no added tokens, nothing at the end.
  static Tokenizer plain(SentencePieceModel model) {
    return new SentencePieceTokenizer(new SentencePiece(model), List.of(), Optional.empty());
  }

  /// The model with T5's tokens, where U+2581 in a text is what SentencePiece takes it for.
  static Tokenizer raw(SentencePieceModel model, TokenizerConfig config) {
    return with(new SentencePiece(model), config);
  }

  /// The model as T5 uses it, where U+2581 in a text begins a word, as in transformers.
  static Tokenizer t5(SentencePieceModel model, TokenizerConfig config) {
    return with(new SentencePiece(model).withMarkedWords(), config);
  }

  /// This tokenizer with T5's tokens, if it is the model alone.
  Tokenizer asT5() {
    byte[] silent = "{\n}".getBytes(StandardCharsets.UTF_8);
    return config.isPresent()
        ? this
        : t5(pieces.model(), TokenizerConfig.parse("tokenizer_config.json", silent).asT5());
  }

  private static Tokenizer with(SentencePiece pieces, TokenizerConfig config) {
    return new SentencePieceTokenizer(pieces, config.t5Tokens(pieces.model()), Optional.of(config));
  }

  @Override
  public Encoding encode(CharSequence text, boolean addSpecialTokens) {
    String whole = Text.wellFormed(text);
    TokenBuffer out = new TokenBuffer(whole.length() / 3 + 2);
    split(
        whole,
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

  private void split(String whole, AddedTokenMatcher.Sink sink) {
    matcher.split(
        whole,
        0,
        whole.length(),
        new AddedTokenMatcher.Sink() {
          @Override
          public void text(int start, int end) {
            laterMatcher.split(whole, start, end, sink);
          }

          @Override
          public void token(int id, int start, int end) {
            sink.token(id, start, end);
          }
        });
  }

  @Override
  public int[] encodeToIds(CharSequence text, boolean addSpecialTokens) {
    String whole = Text.wellFormed(text);
    List<int[]> parts = new ArrayList<>();
    split(
        whole,
        new AddedTokenMatcher.Sink() {
          @Override
          public void text(int start, int end) {
            parts.add(pieces.encodeToIds(whole.substring(start, end)));
          }

          @Override
          public void token(int id, int start, int end) {
            parts.add(new int[] {id});
          }
        });
    if (addSpecialTokens && config.isPresent()) {
      eosId().ifPresent(eos -> parts.add(new int[] {eos}));
    }
    if (parts.size() == 1) {
      return parts.getFirst();
    }
    int[] ids = new int[parts.stream().mapToInt(part -> part.length).sum()];
    int at = 0;
    for (int[] part : parts) {
      System.arraycopy(part, 0, ids, at, part.length);
      at += part.length;
    }
    return ids;
  }

  @Override
  public List<String> tokens(CharSequence text, boolean addSpecialTokens) {
    String whole = Text.wellFormed(text);
    List<String> tokens = new ArrayList<>();
    split(
        whole,
        new AddedTokenMatcher.Sink() {
          @Override
          public void text(int start, int end) {
            tokens.addAll(pieces.encode(whole.substring(start, end)).pieces());
          }

          @Override
          public void token(int id, int start, int end) {
            tokens.add(SentencePieceTokenizer.this.token(id));
          }
        });
    if (addSpecialTokens && config.isPresent()) {
      eosId().ifPresent(eos -> tokens.add(token(eos)));
    }
    return List.copyOf(tokens);
  }

  @Override
  public String decode(int[] ids, boolean skipSpecialTokens) {
    if (allPieces(ids)) {
      return pieces.decode(ids, true);
    }
    StringBuilder out = new StringBuilder();
    int[] run = new int[ids.length];
    int length = 0;
    boolean first = true;
    for (int id : ids) {
      int index = id < 0 || id >= size ? NOT_ADDED : addedIndex[id];
      if (index == NOT_ADDED) {
        if (isPiece(id)) {
          run[length++] = id;
        }
        continue;
      }
      out.append(pieces.decode(Arrays.copyOf(run, length), first));
      length = 0;
      first = false;
      AddedToken token = added.get(index);
      if (!(skipSpecialTokens && token.special())) {
        out.append(token.content());
      }
    }
    // Without added tokens a text is one run; SentencePiece itself knows no special tokens.
    return out.append(pieces.decode(Arrays.copyOf(run, length), first)).toString();
  }

  private boolean allPieces(int[] ids) {
    for (int id : ids) {
      if (!isPiece(id) || addedIndex[id] != NOT_ADDED) {
        return false;
      }
    }
    return true;
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
    boolean isAdded = id >= 0 && id < size && addedIndex[id] != NOT_ADDED;
    if (!isAdded && !isPiece(id)) {
      throw new IllegalArgumentException(
          "token: expected the id of a token, from 0 to " + (size - 1) + ", got " + id);
    }
    return isAdded ? added.get(addedIndex[id]).content() : model.piece(id);
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
    config.ifPresent(known -> known.save(folder));
    model.write(folder.resolve(MODEL));
  }

  @Override
  public String toString() {
    return "SentencePieceTokenizer["
        + (config.isPresent() ? "T5, " : "")
        + model.algorithm().name().toLowerCase(Locale.ROOT)
        + ", "
        + size
        + " ids, "
        + added.size()
        + " added, "
        + model.name()
        + "]";
  }
}
