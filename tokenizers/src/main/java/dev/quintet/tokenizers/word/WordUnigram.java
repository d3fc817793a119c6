package dev.quintet.tokenizers.word;

import dev.quintet.tokenizers.huggingface.UnigramSpec;
import dev.quintet.tokenizers.huggingface.Vocabulary;
import dev.quintet.tokenizers.text.ByteTrie;
import dev.quintet.tokenizers.text.TokenBuffer;
import dev.quintet.tokenizers.text.Utf8;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;

/// The unigram model of a `tokenizer.json`, word by word, with sums in float64 as in Hugging Face's
/// library; SentencePiece's own sums are in float32 over the whole text, which decides some ties
/// otherwise. Immutable; any number of threads may use it.
public final class WordUnigram implements WordModel {

  private static final double UNKNOWN_PENALTY = 10;
  private static final int NO_PIECE = -1;

  private final ByteTrie pieces;
  private final double[] scores;
  private final double unknownScore;
  private final OptionalInt unknown;

  /// The pieces of bytes, by byte, or [#NO_PIECE]; empty where nothing falls back.
  private final int[] byteIds;

  private final Vocabulary vocabulary;

  /// Makes a model.
  ///
  /// @param spec its description
  public WordUnigram(UnigramSpec spec) {
    this.scores = spec.scores();
    this.unknown = spec.unknown();
    List<byte[]> keys = new ArrayList<>();
    int[] ids = new int[scores.length];
    double lowest = Double.POSITIVE_INFINITY;
    for (int id = 0; id < scores.length; id++) {
      String piece = spec.vocabulary().token(id).orElse("");
      lowest = Math.min(lowest, scores[id]);
      // Of a piece that stands several times the last is found.
      if (!piece.isEmpty() && spec.vocabulary().id(piece).orElse(-1) == id) {
        ids[keys.size()] = id;
        keys.add(piece.getBytes(StandardCharsets.UTF_8));
      }
    }
    this.pieces = ByteTrie.of(keys, ids);
    this.unknownScore = lowest - UNKNOWN_PENALTY;
    int[] bytes = new int[spec.byteFallback() ? 256 : 0];
    for (int b = 0; b < bytes.length; b++) {
      bytes[b] = spec.vocabulary().id(String.format("<0x%02X>", b)).orElse(NO_PIECE);
    }
    this.byteIds = bytes;
    this.vocabulary = spec.vocabulary();
  }

  /// Encodes one word; neighbouring characters that no piece covers make one unknown token.
  @Override
  public void encode(byte[] utf8, int start, int end, TokenBuffer out) {
    int size = end - start;
    int[] starts = new int[size + 1];
    int[] ids = new int[size + 1];
    best(utf8, start, end, starts, ids);
    // Turn the chain of starts around: next[i] is where the piece that begins at i ends.
    int[] next = new int[size + 1];
    for (int at = size; at > 0; at = starts[at]) {
      next[starts[at]] = at;
    }
    int unknownId = unknown.orElse(-1);
    for (int at = 0; at < size; ) {
      int to = next[at];
      int id = ids[to];
      while (id == unknownId && to < size && ids[next[to]] == unknownId) {
        to = next[to];
      }
      if (id == unknownId) {
        addUnknown(utf8, start + at, start + to, unknownId, out);
      } else {
        out.add(id, start + at, start + to);
      }
      at = to;
    }
  }

  /// A stretch that no piece covers is its bytes if there is a piece for each; but the unknown piece's own
  /// text is that piece.
  private void addUnknown(byte[] utf8, int from, int to, int unknownId, TokenBuffer out) {
    OptionalInt itself = vocabulary.id(new String(utf8, from, to - from, StandardCharsets.UTF_8));
    boolean fallsBack = itself.isEmpty() && byteIds.length > 0;
    for (int b = from; fallsBack && b < to; b++) {
      fallsBack = byteIds[utf8[b] & 0xFF] != NO_PIECE;
    }
    if (!fallsBack) {
      out.add(itself.orElse(unknownId), from, to);
      return;
    }
    for (int b = from; b < to; b++) {
      out.add(byteIds[utf8[b] & 0xFF], from, to);
    }
  }

  private void best(byte[] text, int from, int to, int[] starts, int[] ids) {
    int size = to - from;
    double[] best = new double[size + 1];
    Arrays.fill(starts, -1);
    int length;
    for (int start = 0; start < size; start += length) {
      length = Utf8.lengthByLead(text[from + start]);
      boolean single = false;
      int node = ByteTrie.ROOT;
      for (int at = start; at < size; ) {
        node = pieces.child(node, text[from + at++] & 0xFF);
        if (node == ByteTrie.NONE) {
          break;
        }
        int id = pieces.value(node);
        if (id != ByteTrie.NONE) {
          offer(best, starts, ids, start, at, id, scores[id] + best[start]);
          single |= at - start == length;
        }
      }
      if (!single) {
        if (unknown.isEmpty()) {
          throw new IllegalArgumentException(
              "encode: expected text that the pieces cover, as there is no unknown piece, got \""
                  + new String(text, from + start, length, StandardCharsets.UTF_8)
                  + "\"");
        }
        int end = start + length;
        offer(best, starts, ids, start, end, unknown.getAsInt(), unknownScore + best[start]);
      }
    }
  }

  private static void offer(
      double[] best, int[] starts, int[] ids, int start, int end, int id, double score) {
    if (starts[end] < 0 || score > best[end]) {
      best[end] = score;
      starts[end] = start;
      ids[end] = id;
    }
  }
}
