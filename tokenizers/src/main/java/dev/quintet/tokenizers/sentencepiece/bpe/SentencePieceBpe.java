package dev.quintet.tokenizers.sentencepiece.bpe;

import dev.quintet.tokenizers.primitive.LongHeap;
import dev.quintet.tokenizers.sentencepiece.file.SentencePieceModel;
import dev.quintet.tokenizers.sentencepiece.file.SentencePieceModel.Type;
import dev.quintet.tokenizers.text.ByteTrie;
import dev.quintet.tokenizers.text.Segments;
import dev.quintet.tokenizers.text.Utf8;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;

/// SentencePiece's BPE: of all neighbours whose text together is a piece, the pair with the highest
/// score is joined, the leftmost among equals, until there is none.
///
/// Immutable; any number of threads may use it. Time is n log n in the length of a text.
public final class SentencePieceBpe {

  private static final int GONE = -1;
  private static final int NO_PIECE = ByteTrie.NONE;

  private final ByteTrie pieces;
  private final ByteTrie userDefined;
  private final boolean anyUserDefined;

  /// What a piece's text finally gives, by id; a reserved piece comes first that has the same text.
  private final int[] finalIds;

  private final ByteTrie reserved;
  private final int unknown;

  /// The place of each piece's score among all scores, best first; equal scores share one.
  private final int[] ranks;

  private final boolean[] unused;
  private final Optional<BacktrackingBpe> fast;

  /// Makes a model.
  ///
  /// @param model its description
  /// @param pieces the pieces that a text may give, with their ids
  /// @param userDefined the user-defined pieces, which are found first and never joined
  /// @param reserved the pieces that are not for texts
  public SentencePieceBpe(
      SentencePieceModel model, ByteTrie pieces, ByteTrie userDefined, ByteTrie reserved) {
    this.pieces = pieces;
    this.reserved = reserved;
    this.userDefined = userDefined;
    this.unknown = model.unknown();
    this.ranks = new int[model.size()];
    this.finalIds = new int[model.size()];
    this.unused = new boolean[model.size()];
    boolean any = false;
    float[] sorted = new float[model.size()];
    for (int id = 0; id < sorted.length; id++) {
      // Zero has one rank, whatever its sign.
      sorted[id] = -model.score(id) + 0.0f;
      unused[id] = model.type(id) == Type.UNUSED;
      any |= model.type(id) == Type.USER_DEFINED;
      finalIds[id] = model.id(model.piece(id)).orElse(id);
    }
    this.anyUserDefined = any;
    Arrays.sort(sorted);
    for (int id = 0; id < sorted.length; id++) {
      int rank = Arrays.binarySearch(sorted, -model.score(id) + 0.0f);
      while (rank > 0 && sorted[rank - 1] == sorted[rank]) {
        rank--;
      }
      ranks[id] = rank;
    }
    this.fast = BacktrackingBpe.of(model, pieces, ranks, finalIds);
  }

  /// Cuts a normalized text.
  ///
  /// @param text the text's UTF-8
  /// @param size how many bytes of it
  /// @param out takes the pieces
  public void segment(byte[] text, int size, Segments out) {
    if (fast.isEmpty()) {
      segmentByMerging(text, size, out);
      return;
    }
    int from = 0;
    for (int at = 0; anyUserDefined && at < size; ) {
      int end = userDefined.longest(text, at, size);
      if (end == ByteTrie.NONE) {
        at += Utf8.step(text, at, size);
      } else {
        fast.get().segment(text, from, at, unknown, out);
        out.add(finalIds[userDefined.find(text, at, end)], end);
        at = end;
        from = end;
      }
    }
    fast.get().segment(text, from, size, unknown, out);
  }

  /// Cuts a normalized text by an agenda of merges, which any vocabulary allows.
  ///
  /// @param text the text's UTF-8
  /// @param size how many bytes of it
  /// @param out takes the pieces
  void segmentByMerging(byte[] text, int size, Segments out) {
    Joining joining = new Joining(text, size);
    joining.run(() -> false);
    joining.write(out);
  }

  /// Cuts a normalized text while some merges are left out at random (Provilkov et al. 2019, arXiv
  /// 1910.13267).
  ///
  /// @param text the text's UTF-8
  /// @param size how many bytes of it
  /// @param dropout the probability with which a merge is left out when its turn comes; 1 and more
  ///     give characters
  /// @param random the source of randomness
  /// @param out takes the pieces
  public void sample(byte[] text, int size, double dropout, RandomGenerator random, Segments out) {
    Joining joining = new Joining(text, size);
    joining.run(() -> dropout >= 1 || dropout > 0 && random.nextDouble() < dropout);
    joining.write(out);
  }

  /// One text while it is being joined; a symbol is known by its index, the first byte's.
  private final class Joining {
    private final byte[] text;
    private final int size;
    private final int[] ends;
    private final int[] previous;
    private final boolean[] frozen;
    private final LongHeap agenda;

    /// How long the left half was when an unused piece was last considered.
    private final Map<Integer, Integer> halves = new HashMap<>();

    Joining(byte[] text, int size) {
      this.text = text;
      this.size = size;
      this.ends = new int[size];
      this.previous = new int[size + 1];
      this.frozen = new boolean[size];
      this.agenda = new LongHeap(size / 2 + 16);
      Arrays.fill(ends, GONE);
    }

    void run(BooleanSupplier leftOut) {
      int before = GONE;
      for (int at = 0; at < size; ) {
        int symbol = userDefined.longest(text, at, size);
        int end = symbol == ByteTrie.NONE ? at + Utf8.step(text, at, size) : symbol;
        ends[at] = end;
        frozen[at] = symbol != ByteTrie.NONE;
        previous[at] = before;
        if (before != GONE) {
          consider(before, at);
        }
        before = at;
        at = end;
      }
      while (!agenda.isEmpty()) {
        long top = agenda.pop();
        int left = (int) top;
        int right = ends[left];
        if (right == GONE || right == size) {
          continue;
        }
        int id = pieces.find(text, left, ends[right]);
        if (id == NO_PIECE || frozen[left] || frozen[right] || ranks[id] != top >>> 32) {
          continue;
        }
        if (leftOut.getAsBoolean()) {
          continue;
        }
        int end = ends[right];
        ends[left] = end;
        ends[right] = GONE;
        if (previous[left] != GONE) {
          consider(previous[left], left);
        }
        if (end < size) {
          previous[end] = left;
          consider(left, end);
        }
      }
    }

    private void consider(int left, int right) {
      if (frozen[left] || frozen[right]) {
        return;
      }
      int id = pieces.find(text, left, ends[right]);
      if (id != NO_PIECE) {
        agenda.push((long) ranks[id] << 32 | left);
        if (unused[id]) {
          halves.put(id, right - left);
        }
      }
    }

    void write(Segments out) {
      for (int at = 0; at < size; at = ends[at]) {
        write(at, ends[at], out);
      }
    }

    private int uncovered(int from, int to) {
      int id = reserved.find(text, from, to);
      return id == NO_PIECE ? unknown : id;
    }

    /// An unused piece is cut again as it was last put together, and its parts if need be.
    private void write(int start, int stop, Segments out) {
      int[] pending = {stop, 0, 0, 0};
      int depth = 1;
      int from = start;
      while (depth > 0) {
        int to = pending[depth - 1];
        int id = pieces.find(text, from, to);
        Integer half = id != NO_PIECE && unused[id] ? halves.get(id) : null;
        if (half != null) {
          if (depth == pending.length) {
            pending = Arrays.copyOf(pending, 2 * depth);
          }
          pending[depth++] = from + half;
        } else {
          out.add(id == NO_PIECE ? uncovered(from, to) : finalIds[id], to);
          from = to;
          depth--;
        }
      }
    }
  }
}
