package dev.quintet.tokenizers.dual;

import dev.quintet.tokenizers.Tokenizer;
import dev.quintet.tokenizers.compare.Surfaces;
import dev.quintet.tokenizers.huggingface.AddedToken;
import dev.quintet.tokenizers.huggingface.TokenizerConfig;
import dev.quintet.tokenizers.huggingface.TokenizerJson;
import dev.quintet.tokenizers.sentencepiece.file.SentencePieceEntry;
import dev.quintet.tokenizers.sentencepiece.file.SentencePieceModel;
import dev.quintet.tokenizers.sentencepiece.file.SentencePieceModel.Type;
import dev.quintet.tokenizers.sentencepiece.normalize.SentencePieceNormalizer;
import dev.quintet.tokenizers.text.ByteTrie;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// T5's vocabulary with pieces of a second tokenizer: old ids and sentinels stay where they are, so that
/// checkpoints stay usable, and the new pieces follow the sentinels (32100 for T5).
///
/// T5's sentinels are not pieces of its model file, but have the ids after its pieces. So the new model
/// file gets them as control pieces under these very ids, and then the new pieces; in `tokenizer.json`,
/// which lists the sentinels already, the new pieces are appended. Of T5's 128-row padding the new pieces take the
/// rows from 32100 on first.
///
/// What is kept: every old id decodes to what it did. A text is segmented as before when none of the new
/// pieces stands in its normalized form, or when the best segmentation uses none, bit for bit, as long as
/// no new piece scores below the lowest old one (which fixes the unknown piece's score) and none is
/// user-defined (those are looked for before normalization and win over everything).
///
/// @param model the model file
/// @param json the `tokenizer.json`, if the old tokenizer had one
/// @param config the `tokenizer_config.json`
/// @param firstNewId the id of the first new piece
public record UnionVocabulary(
    SentencePieceModel model,
    Optional<TokenizerJson> json,
    TokenizerConfig config,
    int firstNewId) {

  private static final String MODEL = "spiece.model";
  private static final String JSON = "tokenizer.json";
  private static final String CONFIG = "tokenizer_config.json";

  /// The least by which a new piece's score exceeds that of the old pieces that spell it.
  private static final float MARGIN = 0.1f;

  /// SentencePiece 0.2.2 loads no model with it in a piece.
  private static final char NUL = 0;

  /// What SentencePiece takes off the lowest score for a character that no piece covers.
  private static final float UNKNOWN_PENALTY = 10;

  /// Extends the tokenizer of a folder.
  ///
  /// @param folder holds T5's `spiece.model` and `tokenizer_config.json`, and maybe a `tokenizer.json`
  /// @param pieces the new pieces in the order of their ids, such as [#piecesOf] makes
  /// @return the union
  /// @throws IllegalArgumentException when a piece is there already
  /// @throws dev.quintet.tokenizers.file.MalformedFileException when a file breaks a rule
  /// @throws java.io.UncheckedIOException when a file cannot be read
  public static UnionVocabulary extend(Path folder, List<SentencePieceEntry> pieces) {
    Path json = folder.resolve(JSON);
    return extend(
        SentencePieceModel.read(folder.resolve(MODEL)),
        Files.exists(json) ? Optional.of(TokenizerJson.read(json)) : Optional.empty(),
        TokenizerConfig.read(folder.resolve(CONFIG)),
        pieces);
  }

  /// Extends a tokenizer.
  ///
  /// @param model T5's model
  /// @param json its `tokenizer.json`, if there is one
  /// @param config its configuration, which says how many sentinels there are
  /// @param pieces the new pieces in the order of their ids
  /// @return the union
  /// @throws IllegalArgumentException when a piece is there already, the model is not a unigram model, or the
  ///     `tokenizer.json` is not the model's
  public static UnionVocabulary extend(
      SentencePieceModel model,
      Optional<TokenizerJson> json,
      TokenizerConfig config,
      List<SentencePieceEntry> pieces) {
    if (model.algorithm() != SentencePieceModel.Algorithm.UNIGRAM) {
      throw new IllegalArgumentException(
          "extend: expected a unigram model, got " + model.algorithm() + ", " + model.name());
    }
    List<AddedToken> added = config.t5Tokens(model);
    Map<Integer, String> behind = new HashMap<>();
    for (AddedToken token : added) {
      behind.put(token.id(), token.content());
    }
    int size = Math.max(model.size(), 1 + added.stream().mapToInt(AddedToken::id).max().orElse(-1));
    List<SentencePieceEntry> all = new ArrayList<>();
    for (int id = model.size(); id < size; id++) {
      String token = behind.getOrDefault(id, "<unused_" + id + ">");
      all.add(new SentencePieceEntry(token, 0, Type.CONTROL));
    }
    Set<String> texts = new HashSet<>(behind.values());
    for (SentencePieceEntry piece : pieces) {
      if (piece.type() != Type.NORMAL && piece.type() != Type.USER_DEFINED) {
        throw new IllegalArgumentException(
            "extend: expected normal or user-defined pieces, got " + piece);
      }
      if (piece.piece().isEmpty() || piece.piece().indexOf(NUL) >= 0) {
        throw new IllegalArgumentException(
            "extend: expected pieces that are not empty and without U+0000, got " + piece);
      }
      if (model.id(piece.piece()).isPresent() || !texts.add(piece.piece())) {
        throw new IllegalArgumentException(
            "extend: expected pieces that are new, got \"" + piece.piece() + "\"");
      }
      all.add(piece);
    }
    List<AddedToken> userDefined = new ArrayList<>();
    for (int i = 0; i < pieces.size(); i++) {
      if (pieces.get(i).type() == Type.USER_DEFINED) {
        String content = pieces.get(i).piece();
        userDefined.add(new AddedToken(size + i, content, false, false, false, false, false));
      }
    }
    return new UnionVocabulary(
        model.withPieces(all),
        json.map(old -> extended(old, size, all, pieces, userDefined)),
        config.withAddedTokens(added),
        size);
  }

  private static TokenizerJson extended(
      TokenizerJson json,
      int size,
      List<SentencePieceEntry> all,
      List<SentencePieceEntry> pieces,
      List<AddedToken> userDefined) {
    // Converters list the sentinels in the vocabulary; without them they come as in the model file.
    int listed = json.model().vocabulary().size();
    int sentinels = all.size() - pieces.size();
    if (listed != size && listed != size - sentinels) {
      throw new IllegalArgumentException(
          "extend: expected a tokenizer.json of the model's "
              + size
              + " ids, got "
              + listed
              + ", "
              + json.name());
    }
    return json.withPieces(listed == size ? pieces : all, userDefined);
  }

  /// The tokens of a second tokenizer as new pieces: those that are whole characters, are not pieces
  /// yet and come out of the model's normalization unchanged, in the order of their ids.
  ///
  /// Each scores above its best spelling by old pieces, or above the lowest old score where that is
  /// higher, but never above the highest: by 1.1 for the first, by 0.1 for the last of the second
  /// tokenizer's ids. So each is preferred to that spelling, earlier ones (in BPE the more frequent)
  /// to later ones, and no two spellings by new pieces tie, which implementations break differently.
  ///
  /// @param model T5's model
  /// @param second the second tokenizer
  /// @return the pieces
  public static List<SentencePieceEntry> piecesOf(SentencePieceModel model, Tokenizer second) {
    Surfaces surfaces = Surfaces.of(second);
    ByteTrie none = ByteTrie.of(List.of(), new int[0]);
    SentencePieceNormalizer normalizer =
        new SentencePieceNormalizer(model.normalizer(), none, model.whitespaceAsSuffix());
    Spelling spelling = Spelling.of(model);
    Set<String> seen = new HashSet<>();
    List<SentencePieceEntry> pieces = new ArrayList<>();
    for (int id = 0; id < surfaces.size(); id++) {
      String text = surfaces.text(id);
      String piece = text.replace(' ', '▁');
      boolean wanted = !text.isEmpty() && !surfaces.isSpecial(id) && surfaces.isText(id);
      if (wanted
          && text.indexOf(NUL) < 0
          && model.id(piece).isEmpty()
          && normalized(normalizer, "a" + text + "a").endsWith("a" + piece + "a")
          && seen.add(piece)) {
        pieces.add(
            new SentencePieceEntry(
                piece,
                spelling.scoreAbove(piece, MARGIN + 1 - (float) id / surfaces.size()),
                Type.NORMAL));
      }
    }
    return pieces;
  }

  private static String normalized(SentencePieceNormalizer normalizer, String text) {
    var bytes = normalizer.normalize(text.getBytes(StandardCharsets.UTF_8));
    return new String(Arrays.copyOf(bytes.bytes(), bytes.size()), StandardCharsets.UTF_8);
  }

  /// The best sum of scores by which old pieces spell a text.
  private record Spelling(Map<String, Float> scores, int longest, float lowest, float highest) {

    static Spelling of(SentencePieceModel model) {
      Map<String, Float> scores = new HashMap<>();
      int longest = 1;
      float lowest = Float.POSITIVE_INFINITY;
      float highest = Float.NEGATIVE_INFINITY;
      for (int id = 0; id < model.size(); id++) {
        if (model.type(id) == Type.NORMAL) {
          scores.put(model.piece(id), model.score(id));
          longest = Math.max(longest, model.piece(id).length());
          lowest = Math.min(lowest, model.score(id));
          highest = Math.max(highest, model.score(id));
        }
      }
      return new Spelling(scores, longest, lowest, highest);
    }

    float scoreAbove(String text, float margin) {
      float[] best = new float[text.length() + 1];
      Arrays.fill(best, 1, best.length, Float.NEGATIVE_INFINITY);
      for (int from = 0; from < text.length(); from++) {
        if (best[from] == Float.NEGATIVE_INFINITY) {
          continue;
        }
        int one = from + Character.charCount(text.codePointAt(from));
        best[one] = Math.max(best[one], best[from] + lowest - UNKNOWN_PENALTY);
        for (int to = from + 1; to <= Math.min(text.length(), from + longest); to++) {
          Float score = scores.get(text.substring(from, to));
          if (score != null) {
            best[to] = Math.max(best[to], best[from] + score);
          }
        }
      }
      return Math.min(Math.max(best[text.length()], lowest) + margin, highest);
    }
  }

  /// Writes the union as a tokenizer's folder: `spiece.model`, `tokenizer_config.json` and, if there
  /// is one, `tokenizer.json`.
  ///
  /// @param folder the folder
  /// @throws java.io.UncheckedIOException when it cannot be written
  public void save(Path folder) {
    config.write(folder.resolve(CONFIG));
    json.ifPresent(description -> description.write(folder.resolve(JSON)));
    model.write(folder.resolve(MODEL));
  }
}
