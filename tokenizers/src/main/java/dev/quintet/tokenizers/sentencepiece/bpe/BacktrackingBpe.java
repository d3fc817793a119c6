package dev.quintet.tokenizers.sentencepiece.bpe;

import dev.quintet.tokenizers.sentencepiece.file.SentencePieceModel;
import dev.quintet.tokenizers.sentencepiece.file.SentencePieceModel.Type;
import dev.quintet.tokenizers.text.ByteTrie;
import dev.quintet.tokenizers.text.Segments;
import dev.quintet.tokenizers.text.Utf8;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// BPE from left to right, without an agenda: what merging gives is the one sequence of pieces of
/// which any two neighbours are what merging gives for their own text; so the longest piece is
/// taken that goes with the one before, and taken back where none does (the idea is that of the
/// Rust crate `bpe` by GitHub). Each place is given up at most once, so time is linear whatever the
/// text.
///
/// Vocabularies with unused pieces are not for it: see [SentencePieceBpe].
final class BacktrackingBpe {

  private static final int NONE = -1;

  /// Of longer pieces the own merges would take long to find.
  private static final int MAX_CHARACTERS = 128;

  /// At most this many tokens, so that two ids and their result fit into 63 bits.
  private static final int MAX_TOKENS = 1 << 21;

  private static final int BITS = 21;
  private static final long EMPTY = -1;

  private final ByteTrie tokens;

  /// How many tokens are characters, which no merge makes.
  private final int characters;

  private final int[] ids;
  private final int[] lengths;

  /// The parts of each token that is merged.
  private final int[] lefts;

  private final int[] rights;

  /// The worst rank among the merges that make each token: merging makes tokens in this order.
  private final int[] levels;

  /// Whether a token's own merge alone has that rank, so that equal ones are made from left to
  /// right.
  private final boolean[] last;

  private final int[] ranks;

  /// The longest token that each begins with.
  private final int[] shorter;

  /// Left, right and result, 21 bits each, in open addressing.
  private final long[] merges;

  private final int shift;

  private BacktrackingBpe(List<Token> all, int characters, int[] pieceRanks, int[] pieceIds) {
    int count = all.size();
    this.characters = characters;
    this.ids = new int[count];
    this.lengths = new int[count];
    this.lefts = new int[count];
    this.rights = new int[count];
    this.shorter = new int[count];
    this.levels = new int[count];
    this.ranks = new int[count];
    this.last = new boolean[count];
    List<byte[]> texts = new ArrayList<>(count);
    int[] numbers = new int[count];
    int bits = Math.max(4, 33 - Integer.numberOfLeadingZeros(count));
    this.merges = new long[1 << bits];
    this.shift = 64 - bits;
    Arrays.fill(merges, EMPTY);
    int[] numberOf = new int[pieceIds.length];
    for (int i = 0; i < count; i++) {
      numberOf[all.get(i).symbol] = i;
    }
    for (int i = 0; i < count; i++) {
      Token token = all.get(i);
      numbers[i] = i;
      texts.add(token.text);
      ids[i] = pieceIds[token.symbol];
      lengths[i] = token.text.length;
      if (i >= characters) {
        lefts[i] = numberOf[token.left];
        rights[i] = numberOf[token.right];
        long pair = (long) lefts[i] << BITS | rights[i];
        merges[slot(pair)] = pair << BITS | i;
      }
    }
    this.tokens = ByteTrie.of(texts, numbers);
    // A token's parts are shorter than it.
    Integer[] order = new Integer[count - characters];
    Arrays.setAll(order, i -> characters + i);
    Arrays.sort(order, (a, b) -> Integer.compare(lengths[a], lengths[b]));
    for (int i : order) {
      int parts = Math.max(levels[lefts[i]], levels[rights[i]]);
      ranks[i] = 1 + pieceRanks[all.get(i).symbol];
      levels[i] = Math.max(ranks[i], parts);
      last[i] = ranks[i] > parts;
    }
    for (int i = 0; i < count; i++) {
      shorter[i] = tokens.longestValue(texts.get(i), 0, lengths[i] - 1);
    }
  }

  private record Token(int symbol, byte[] text, int left, int right) {}

  /// Makes one where the vocabulary allows it. Only pieces count that merging makes of their own text: others
  /// are never made, as merging inside of a piece does not depend on what surrounds it.
  ///
  /// @param model the model
  /// @param pieces the pieces that a text may give
  /// @param ranks by id, lower first
  /// @param finalIds what a piece's text finally gives, by id
  static Optional<BacktrackingBpe> of(
      SentencePieceModel model, ByteTrie pieces, int[] ranks, int[] finalIds) {
    int size = model.size();
    // Characters that are not pieces of texts are symbols after all pieces.
    Map<String, Integer> inner = new HashMap<>();
    List<Token> characters = new ArrayList<>();
    List<Token> merged = new ArrayList<>();
    Derivation derivation = new Derivation(pieces, ranks, inner, size);
    for (int id = 0; id < size; id++) {
      Type type = model.type(id);
      if (type == Type.UNUSED) {
        return Optional.empty();
      }
      byte[] text = model.piece(id).getBytes(StandardCharsets.UTF_8);
      int length = derivation.set(text);
      if (type != Type.NORMAL && type != Type.USER_DEFINED) {
        if (length == 1 && pieces.find(text, 0, text.length) == ByteTrie.NONE) {
          derivation.symbol(model.piece(id));
        }
        continue;
      }
      if (length > MAX_CHARACTERS) {
        return Optional.empty();
      }
      if (length == 1) {
        characters.add(new Token(id, text, NONE, NONE));
      } else if (derivation.run(id)) {
        merged.add(new Token(id, text, derivation.left, derivation.right));
      }
    }
    inner.forEach((text, symbol) ->
        characters.add(new Token(symbol, text.getBytes(StandardCharsets.UTF_8), NONE, NONE)));
    List<Token> all = new ArrayList<>(characters);
    all.addAll(merged);
    if (all.size() >= MAX_TOKENS) {
      return Optional.empty();
    }
    int[] pieceIds = Arrays.copyOf(finalIds, size + inner.size());
    inner.forEach((text, symbol) -> pieceIds[symbol] = model.id(text).orElse(model.unknown()));
    return Optional.of(new BacktrackingBpe(all, characters.size(), ranks, pieceIds));
  }

  /// Merges one piece's own text, to see whether it gives the piece, and by which last merge.
  private static final class Derivation {
    private final ByteTrie pieces;
    private final int[] ranks;
    private final Map<String, Integer> inner;
    private final int size;

    private byte[] text = {};
    private int length;

    /// Where the characters begin, and the end.
    private int[] starts = new int[MAX_CHARACTERS + 2];

    /// The piece from character i to character j, at i * stride + j.
    private int[] found = new int[0];

    private int stride;
    private int left;
    private int right;

    Derivation(ByteTrie pieces, int[] ranks, Map<String, Integer> inner, int size) {
      this.pieces = pieces;
      this.ranks = ranks;
      this.inner = inner;
      this.size = size;
    }

    /// Takes a text; gives how many characters it has, or more than may be.
    int set(byte[] piece) {
      text = piece;
      length = 0;
      for (int at = 0; at < text.length; at += Utf8.step(text, at, text.length)) {
        starts[length++] = at;
        if (length > MAX_CHARACTERS) {
          return length;
        }
      }
      starts[length] = text.length;
      return length;
    }

    boolean run(int id) {
      find();
      // Symbol k reaches from character from[k] to from[k + 1].
      int[] from = new int[length + 1];
      for (int i = 0; i <= length; i++) {
        from[i] = i;
      }
      int symbols = length;
      while (symbols > 1) {
        int best = NONE;
        int bestPiece = NONE;
        for (int k = 0; k + 1 < symbols; k++) {
          int piece = found[from[k] * stride + from[k + 2]];
          if (piece != NONE && (best == NONE || ranks[piece] < ranks[bestPiece])) {
            best = k;
            bestPiece = piece;
          }
        }
        if (best == NONE) {
          return false;
        }
        if (symbols == 2) {
          left = found[from[1]];
          right = found[from[1] * stride + length];
          return bestPiece == id;
        }
        System.arraycopy(from, best + 2, from, best + 1, symbols - best - 1);
        symbols--;
      }
      return false;
    }

    private void find() {
      stride = length + 1;
      if (found.length < stride * stride) {
        found = new int[stride * stride];
      }
      Arrays.fill(found, 0, stride * stride, NONE);
      for (int i = 0; i < length; i++) {
        int node = ByteTrie.ROOT;
        int next = i + 1;
        for (int at = starts[i]; at < text.length; ) {
          node = pieces.child(node, text[at++] & 0xFF);
          if (node == ByteTrie.NONE) {
            break;
          }
          if (at == starts[next]) {
            found[i * stride + next++] = pieces.value(node);
          }
        }
        if (found[i * stride + i + 1] == NONE) {
          String character =
              new String(text, starts[i], starts[i + 1] - starts[i], StandardCharsets.UTF_8);
          found[i * stride + i + 1] = symbol(character);
        }
      }
    }

    /// The number of a character that is not a piece of texts.
    int symbol(String character) {
      int next = size + inner.size();
      Integer known = inner.putIfAbsent(character, next);
      return known == null ? next : known;
    }
  }

  private int slot(long pair) {
    int slot = (int) (pair * 0x9E3779B97F4A7C15L >>> shift);
    while (merges[slot] != EMPTY && merges[slot] >>> BITS != pair) {
      slot = slot + 1 & merges.length - 1;
    }
    return slot;
  }

  /// What two tokens merge into, or [#NONE].
  private int merge(int left, int right) {
    long found = merges[slot((long) left << BITS | right)];
    return found == EMPTY ? NONE : (int) found & MAX_TOKENS - 1;
  }

  /// Whether merging the text of both gives these two: undoes their merges from the last one on,
  /// and looks whether the symbols at the border would have been joined before that merge.
  private boolean together(int left, int right) {
    int a = left;
    int b = right;
    int undone = NONE;
    boolean undoneLeft = false;
    while (true) {
      int across = merge(a, b);
      if (across != NONE) {
        if (undone == NONE || levels[across] < levels[undone]) {
          return false;
        }
        if (levels[across] == levels[undone]) {
          if (!last[across] || !last[undone]) {
            return remain(left, right);
          }
          if (!undoneLeft) {
            return false;
          }
        }
      }
      if (a < characters && b < characters) {
        return true;
      }
      if (levels[a] == levels[b] && !(last[a] && last[b])) {
        return remain(left, right);
      }
      // Of equal merges the left one came first.
      undoneLeft = levels[a] > levels[b];
      if (undoneLeft) {
        undone = a;
        a = rights[a];
      } else {
        undone = b;
        b = lefts[b];
      }
    }
  }

  /// The same by doing all merges, for the few that their levels do not order.
  private boolean remain(int left, int right) {
    int[] symbols = new int[lengths[left] + lengths[right]];
    int count = spell(right, symbols, spell(left, symbols, 0));
    while (true) {
      int best = NONE;
      int bestToken = NONE;
      for (int i = 0; i + 1 < count; i++) {
        int token = merge(symbols[i], symbols[i + 1]);
        if (token != NONE && (best == NONE || ranks[token] < ranks[bestToken])) {
          best = i;
          bestToken = token;
        }
      }
      if (best == NONE) {
        return count == 2 && symbols[0] == left && symbols[1] == right;
      }
      symbols[best] = bestToken;
      System.arraycopy(symbols, best + 2, symbols, best + 1, count - best - 2);
      count--;
    }
  }

  /// Writes a token's characters from `at` on; gives where they end.
  private int spell(int token, int[] out, int at) {
    int[] pending = new int[lengths[token] + 1];
    int depth = 0;
    int count = at;
    pending[depth++] = token;
    while (depth > 0) {
      int top = pending[--depth];
      if (top < characters) {
        out[count++] = top;
      } else {
        pending[depth++] = rights[top];
        pending[depth++] = lefts[top];
      }
    }
    return count;
  }

  /// Segments a stretch of text.
  void segment(byte[] text, int start, int end, int unknown, Segments out) {
    int[] path = new int[(end - start) / 3 + 16];
    int depth = 0;
    // Places from which there is no way on.
    long[] dead = new long[(end - start >>> 6) + 1];
    int from = start;
    int at = start;
    int next = at < end ? tokens.longestValue(text, at, end) : NONE;
    while (at < end) {
      if (next == NONE) {
        write(path, depth, from, out);
        at += Utf8.step(text, at, end);
        out.add(unknown, at);
        depth = 0;
        from = at;
        next = at < end ? tokens.longestValue(text, at, end) : NONE;
        continue;
      }
      int before = depth == 0 ? NONE : path[depth - 1];
      int token = next;
      while (token != NONE) {
        int to = at + lengths[token] - start;
        if ((dead[to >>> 6] >>> to & 1) == 0 && (before == NONE || together(before, token))) {
          break;
        }
        token = shorter[token];
      }
      if (token == NONE) {
        dead[at - start >>> 6] |= 1L << at - start;
        at -= lengths[before];
        depth--;
        next = before;
      } else {
        if (depth == path.length) {
          path = Arrays.copyOf(path, 2 * depth);
        }
        path[depth++] = token;
        at += lengths[token];
        next = at < end ? tokens.longestValue(text, at, end) : NONE;
      }
    }
    write(path, depth, from, out);
  }

  private void write(int[] path, int depth, int from, Segments out) {
    int first = out.extend(depth);
    int end = from;
    for (int i = 0; i < depth; i++) {
      end += lengths[path[i]];
      out.set(first + i, ids[path[i]], end);
    }
  }
}
