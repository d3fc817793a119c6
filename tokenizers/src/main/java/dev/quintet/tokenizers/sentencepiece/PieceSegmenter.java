package dev.quintet.tokenizers.sentencepiece;

import dev.quintet.tokenizers.sentencepiece.bpe.SentencePieceBpe;
import dev.quintet.tokenizers.sentencepiece.file.SentencePieceModel;
import dev.quintet.tokenizers.sentencepiece.file.SentencePieceModel.Algorithm;
import dev.quintet.tokenizers.sentencepiece.file.SentencePieceModel.Type;
import dev.quintet.tokenizers.sentencepiece.normalize.AlignedBytes;
import dev.quintet.tokenizers.sentencepiece.unigram.UnigramModel;
import dev.quintet.tokenizers.text.ByteTrie;
import dev.quintet.tokenizers.text.Segments;
import dev.quintet.tokenizers.text.Utf8;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.IntPredicate;

/// Cuts normalized texts into a SentencePiece model's pieces, by the model's own algorithm.
final class PieceSegmenter {

  private interface Algorithmic {
    void segment(AlignedBytes text, Segments out);
  }

  private final Optional<UnigramModel> unigram;
  private final Optional<SentencePieceBpe> bpe;
  private final Algorithmic algorithm;

  PieceSegmenter(SentencePieceModel model, ByteTrie userDefined) {
    this.unigram =
        model.algorithm() == Algorithm.UNIGRAM ? Optional.of(unigram(model)) : Optional.empty();
    this.bpe =
        model.algorithm() == Algorithm.BPE
            ? Optional.of(bpe(model, userDefined))
            : Optional.empty();
    this.algorithm = algorithm(model, userDefined);
  }

  private Algorithmic algorithm(SentencePieceModel model, ByteTrie userDefined) {
    if (unigram.isPresent()) {
      UnigramModel known = unigram.get();
      return (text, out) -> known.segment(text.bytes(), text.size(), text.isValid(), out);
    }
    if (bpe.isPresent()) {
      SentencePieceBpe known = bpe.get();
      return (text, out) -> known.segment(text.bytes(), text.size(), out);
    }
    // Where two pieces have one text, what is not found in texts comes first.
    ByteTrie ids = trie(model, id -> model.id(model.piece(id)).orElse(id) == id);
    int unknown = model.unknown();
    return model.algorithm() == Algorithm.CHAR
        ? (text, out) -> characters(text.bytes(), text.size(), userDefined, ids, unknown, out)
        : (text, out) -> words(text.bytes(), text.size(), ids, unknown, out);
  }

  /// The pieces of a text and where each ends.
  Segments segment(AlignedBytes text) {
    Segments segments = new Segments(text.size() / 3);
    algorithm.segment(text, segments);
    return segments;
  }

  /// The unigram model, where it is one.
  Optional<UnigramModel> unigram() {
    return unigram;
  }

  /// The BPE model, where it is one.
  Optional<SentencePieceBpe> bpe() {
    return bpe;
  }

  static ByteTrie trie(SentencePieceModel model, IntPredicate wanted) {
    List<byte[]> keys = new ArrayList<>();
    int[] ids = texts(model, wanted, keys);
    return ByteTrie.of(keys, ids);
  }

  /// Adds the wanted pieces to `out`; gives their ids.
  private static int[] texts(SentencePieceModel model, IntPredicate wanted, List<byte[]> out) {
    int[] ids = new int[model.size()];
    for (int id = 0; id < model.size(); id++) {
      if (wanted.test(id)) {
        ids[out.size()] = id;
        out.add(model.piece(id).getBytes(StandardCharsets.UTF_8));
      }
    }
    return ids;
  }

  static boolean found(Type type) {
    return switch (type) {
      case NORMAL, USER_DEFINED, UNUSED -> true;
      case UNKNOWN, CONTROL, BYTE -> false;
    };
  }

  private static UnigramModel unigram(SentencePieceModel model) {
    List<byte[]> texts = new ArrayList<>();
    int[] ids = texts(model, id -> found(model.type(id)) && model.type(id) != Type.UNUSED, texts);
    return new UnigramModel(model, texts, ids);
  }

  private static SentencePieceBpe bpe(SentencePieceModel model, ByteTrie userDefined) {
    return new SentencePieceBpe(
        model,
        trie(model, id -> found(model.type(id))),
        userDefined,
        trie(model, id -> !found(model.type(id))));
  }

  private static void characters(
      byte[] text, int size, ByteTrie userDefined, ByteTrie ids, int unknown, Segments out) {
    for (int at = 0; at < size; ) {
      int symbol = userDefined.longest(text, at, size);
      int end = symbol == ByteTrie.NONE ? at + Utf8.step(text, at, size) : symbol;
      int id = ids.find(text, at, end);
      out.add(id == ByteTrie.NONE ? unknown : id, end);
      at = end;
    }
  }

  /// A word begins at each U+2581.
  private static void words(byte[] text, int size, ByteTrie ids, int unknown, Segments out) {
    for (int at = 0; at < size; ) {
      int end = at + Utf8.step(text, at, size);
      while (end < size
          && !(text[end] == (byte) 0xE2
              && end + 2 < size
              && text[end + 1] == (byte) 0x96
              && text[end + 2] == (byte) 0x81)) {
        end += Utf8.step(text, end, size);
      }
      int id = ids.find(text, at, end);
      out.add(id == ByteTrie.NONE ? unknown : id, end);
      at = end;
    }
  }
}
