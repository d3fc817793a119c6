package dev.quintet.tokenizers.train;

import dev.quintet.tokenizers.format.SentencePieceModel.Type;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/// The pieces of a model that are not learned: the unknown piece, marks, symbols and bytes.
public final class MetaPieces {

  /// A piece.
  ///
  /// @param text its text
  /// @param type what it is for
  public record Meta(String text, Type type) {}

  private final TreeMap<Integer, Meta> byId = new TreeMap<>();
  private final int unknown;

  /// Takes the pieces from options.
  ///
  /// @param options the options
  /// @throws IllegalArgumentException when two claim one id, or a symbol is defined twice
  public MetaPieces(SentencePieceOptions options) {
    unknown = options.number("unk_id");
    int size = options.number("vocab_size");
    for (String role : List.of("unk", "bos", "eos", "pad")) {
      int id = options.number(role + "_id");
      Meta meta =
          new Meta(options.text(role + "_piece"), role.equals("unk") ? Type.UNKNOWN : Type.CONTROL);
      if (id >= size || id >= 0 && byId.putIfAbsent(id, meta) != null) {
        throw new IllegalArgumentException(
            "SentencePiece training: expected %s_id below %d and free, got %d"
                .formatted(role, size, id));
      }
    }
    options.list("control_symbols").forEach(symbol -> insert(symbol, Type.CONTROL));
    options.list("user_defined_symbols").forEach(symbol -> insert(symbol, Type.USER_DEFINED));
    if (options.on("byte_fallback")) {
      for (int b = 0; b < 256; b++) {
        insert(String.format("<0x%02X>", b), Type.BYTE);
      }
    }
  }

  /// A symbol takes the lowest free id; one that has the name of a mark changes that one's type.
  private void insert(String symbol, Type type) {
    for (var entry : byId.entrySet()) {
      if (entry.getValue().text.equals(symbol)) {
        if (entry.getKey() == unknown || entry.getValue().type != Type.CONTROL) {
          throw new IllegalArgumentException(
              "SentencePiece training: the symbol \"" + symbol + "\" is defined twice");
        }
        entry.setValue(new Meta(symbol, type));
        return;
      }
    }
    int id = 0;
    while (byId.containsKey(id)) {
      id++;
    }
    byId.put(id, new Meta(symbol, type));
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
