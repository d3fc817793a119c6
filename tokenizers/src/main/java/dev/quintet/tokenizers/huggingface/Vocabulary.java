package dev.quintet.tokenizers.huggingface;

import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The tokens of a model and their ids; ids may have gaps, and a token may have several, of which the last
/// is the one that it is found by.
public final class Vocabulary {

  private final @Nullable String[] tokens;
  private final Map<String, Integer> ids;

  /// The ids in the order in which the file lists them.
  private final int[] order;

  private Vocabulary(@Nullable String[] tokens, Map<String, Integer> ids, int[] order) {
    this.tokens = tokens;
    this.ids = ids;
    this.order = order;
  }

  /// Makes a vocabulary whose ids count from 0 in the order of the tokens.
  ///
  /// @param tokens the tokens, all different
  /// @return the vocabulary
  /// @throws IllegalArgumentException when a token stands twice
  public static Vocabulary of(List<String> tokens) {
    Builder builder = new Builder();
    for (int id = 0; id < tokens.size(); id++) {
      if (!builder.add(tokens.get(id), id)) {
        throw new IllegalArgumentException(
            "Vocabulary: expected tokens that differ, got \"" + tokens.get(id) + "\" twice");
      }
    }
    return builder.build();
  }

  /// The highest id and one.
  ///
  /// @return the size, gaps included
  public int size() {
    return tokens.length;
  }

  /// The number of tokens.
  ///
  /// @return the number of tokens, gaps left out
  public int count() {
    return order.length;
  }

  /// The id of a token.
  ///
  /// @param token the token
  /// @return its id, or nothing
  public OptionalInt id(String token) {
    Integer id = ids.get(token);
    return id == null ? OptionalInt.empty() : OptionalInt.of(id);
  }

  /// The token of an id.
  ///
  /// @param id the id
  /// @return the token, or nothing where there is a gap or the id is out of range
  public Optional<String> token(int id) {
    return id < 0 || id >= tokens.length ? Optional.empty() : Optional.ofNullable(tokens[id]);
  }

  int listed(int i) {
    return order[i];
  }

  /// Collects tokens as a file lists them. Nothing is allocated by an id until all are known.
  static final class Builder {

    private final Map<String, Integer> ids = new HashMap<>();
    private String[] tokens = new String[16];
    private int[] order = new int[16];
    private int count;
    private int highest = -1;

    private boolean repeated;

    /// Adds a token; says false when it is there already.
    boolean add(String token, int id) {
      if (ids.putIfAbsent(token, id) != null) {
        return false;
      }
      list(token, id);
      return true;
    }

    /// Adds a token; one that is there already gets this id, and keeps the other one's text.
    void again(String token, int id) {
      ids.put(token, id);
      list(token, id);
    }

    /// Adds a token; one that is there already is taken back by [#settle].
    void put(String token, int id) {
      repeated |= ids.put(token, id) != null;
      list(token, id);
    }

    /// Leaves of tokens that were put several times the last one.
    void settle() {
      if (!repeated) {
        return;
      }
      repeated = false;
      Set<String> seen = new HashSet<>();
      int kept = count;
      for (int i = count - 1; i >= 0; i--) {
        if (seen.add(tokens[i])) {
          tokens[--kept] = tokens[i];
          order[kept] = order[i];
        }
      }
      tokens = Arrays.copyOfRange(tokens, kept, count);
      order = Arrays.copyOfRange(order, kept, count);
      count -= kept;
      highest = Arrays.stream(order).max().orElse(-1);
    }

    private void list(String token, int id) {
      if (count == order.length) {
        order = Arrays.copyOf(order, 2 * count);
        tokens = Arrays.copyOf(tokens, 2 * count);
      }
      tokens[count] = token;
      order[count++] = id;
      highest = Math.max(highest, id);
    }

    int count() {
      return count;
    }

    int highest() {
      return highest;
    }

    /// The tokens of an id that stands twice, if one does.
    Optional<String> clash() {
      @Nullable String[] byId = new @Nullable String[highest + 1];
      for (int i = 0; i < count; i++) {
        String before = byId[order[i]];
        if (before != null) {
          return Optional.of("\"" + before + "\" and \"" + tokens[i] + "\"");
        }
        byId[order[i]] = tokens[i];
      }
      return Optional.empty();
    }

    Vocabulary build() {
      @Nullable String[] byId = new @Nullable String[highest + 1];
      for (int i = 0; i < count; i++) {
        byId[order[i]] = tokens[i];
      }
      return new Vocabulary(byId, ids, Arrays.copyOf(order, count));
    }
  }
}
