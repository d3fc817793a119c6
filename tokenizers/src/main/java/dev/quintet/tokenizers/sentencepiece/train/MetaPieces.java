package dev.quintet.tokenizers.sentencepiece.train;

import dev.quintet.tokenizers.sentencepiece.file.SentencePieceModel.Type;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/// The pieces of a model that are not learned: the unknown piece, marks, symbols and bytes.
public final class MetaPieces {

  /// A piece.
  ///
  /// @param text its text
  /// @param type what it is for
  public record Meta(String text, Type type) {}

  private final TreeMap<Integer, Meta> byId = new TreeMap<>();
  private final Set<String> symbols = new HashSet<>();
  private int next;

  /// Takes the pieces from options.
  ///
  /// @param options the options
  /// @throws IllegalArgumentException when two claim one id, or a symbol is defined twice
  public MetaPieces(SentencePieceOptions options) {
    int size = options.number("vocab_size");
    for (String role : List.of("unk", "bos", "eos", "pad")) {
      int id = options.number(role + "_id");
      String text = options.text(role + "_piece");
      boolean unknown = role.equals("unk");
      if (id >= 0 && !unknown && text.equals(options.text("unk_piece"))) {
        throw new IllegalArgumentException(
            "SentencePiece training: expected %s_piece and unk_piece to differ, got \"%s\" twice"
                .formatted(role, text));
      }
      Meta meta = new Meta(text, unknown ? Type.UNKNOWN : Type.CONTROL);
      if (id >= size || id >= 0 && byId.putIfAbsent(id, meta) != null) {
        throw new IllegalArgumentException(
            "SentencePiece training: expected %s_id to be free and less than vocab_size (%d), got %d"
                .formatted(role, size, id));
      }
    }
    options.list("control_symbols").forEach(symbol -> insert(symbol, Type.CONTROL, options));
    // Where words are whole, a symbol may be a word, which carries its space.
    boolean words = options.text("model_type").equals("word");
    for (String symbol : options.list("user_defined_symbols")) {
      insert(symbol, Type.USER_DEFINED, options);
      if (words && symbol.codePointAt(0) != PieceRules.SPACE) {
        insert(Character.toString(PieceRules.SPACE) + symbol, Type.USER_DEFINED, options);
      }
    }
    if (options.on("byte_fallback")) {
      for (int b = 0; b < 256; b++) {
        insert(String.format("<0x%02X>", b), Type.BYTE, options);
      }
    }
  }

  /// A symbol takes the lowest free id; one that has the name of a mark changes that one's type.
  private void insert(String symbol, Type type, SentencePieceOptions options) {
    if (symbol.isEmpty() || !symbols.add(symbol) || symbol.equals(options.text("unk_piece"))) {
      throw new IllegalArgumentException(
          "SentencePiece training: expected symbols that are not empty, differ, and are not"
              + " unk_piece, got \""
              + symbol
              + "\" (control_symbols, user_defined_symbols; byte_fallback has <0x00> to <0xFF>)");
    }
    for (String role : List.of("bos", "eos", "pad")) {
      int id = options.number(role + "_id");
      if (id >= 0 && symbol.equals(options.text(role + "_piece"))) {
        byId.put(id, new Meta(symbol, type));
        return;
      }
    }
    while (byId.containsKey(next)) {
      next++;
    }
    byId.put(next, new Meta(symbol, type));
  }

  /// How many there are.
  ///
  /// @return the number of pieces
  public int size() {
    return byId.size();
  }

  /// The piece of an id.
  ///
  /// @param id the id
  /// @return the piece, or nothing where a learned piece has its place
  public Optional<Meta> at(int id) {
    return Optional.ofNullable(byId.get(id));
  }

  /// The texts of all.
  ///
  /// @return the texts in the order of the ids
  public List<String> texts() {
    return byId.values().stream().map(Meta::text).toList();
  }
}
