package dev.quintet.tokenizers.sentencepiece;

import dev.quintet.tokenizers.bpe.SentencePieceBpe;
import dev.quintet.tokenizers.format.MalformedFileException;
import dev.quintet.tokenizers.format.NormalizerSpec;
import dev.quintet.tokenizers.format.SentencePieceModel;
import dev.quintet.tokenizers.format.SentencePieceModel.Type;
import dev.quintet.tokenizers.normalize.AlignedBytes;
import dev.quintet.tokenizers.normalize.SentencePieceNormalizer;
import dev.quintet.tokenizers.token.ByteTrie;
import dev.quintet.tokenizers.token.Segments;
import dev.quintet.tokenizers.token.TokenBuffer;
import dev.quintet.tokenizers.token.Utf8;
import dev.quintet.tokenizers.unigram.UnigramModel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.IntPredicate;

/// A SentencePiece model at work: normalizes a text, segments it, and turns pieces back into text.
///
/// Immutable; any number of threads may use it.
public final class SentencePiece {

  private final SentencePieceModel model;
  private final SentencePieceNormalizer normalizer;
  private final Optional<SentencePieceNormalizer> denormalizer;
  private final Segmenter segmenter;

  /// The id of each byte's piece; empty without byte fallback.
  private final int[] byteIds;

  /// The byte of each id that is a byte's piece, else -1.
  private final short[] bytes;

  /// Each piece with spaces for U+2581.
  private final String[] surfaces;

  private interface Segmenter {
    void segment(byte[] text, int size, Segments out);
  }

  /// Makes a model ready.
  ///
  /// @param model what its file says
  /// @throws MalformedFileException when its normalization rules are malformed
  public SentencePiece(SentencePieceModel model) {
    this.model = model;
    ByteTrie userDefined = trie(model, id -> model.type(id) == Type.USER_DEFINED);
    this.normalizer = normalizer(model, model.normalizer(), userDefined);
    this.denormalizer =
        model
            .denormalizer()
            .filter(spec -> spec.charsmap().length > 0)
            .map(spec -> normalizer(model, spec, trie(model, _ -> false)));
    this.segmenter = segmenter(model, userDefined);
    this.byteIds = new int[model.byteFallback() ? 256 : 0];
    this.bytes = new short[model.size()];
    this.surfaces = new String[model.size()];
    for (int id = 0; id < surfaces.length; id++) {
      bytes[id] = -1;
      surfaces[id] = model.piece(id).replace('▁', ' ');
      if (model.type(id) == Type.BYTE) {
        bytes[id] = (short) Integer.parseInt(model.piece(id).substring(3, 5), 16);
        byteIds[bytes[id]] = id;
      }
    }
  }

  private static SentencePieceNormalizer normalizer(
      SentencePieceModel model, NormalizerSpec spec, ByteTrie kept) {
    try {
      return new SentencePieceNormalizer(spec, kept, model.whitespaceAsSuffix());
    } catch (IllegalArgumentException broken) {
      throw new MalformedFileException(
          model.name(), "normalizer_spec", "expected " + broken.getMessage());
    }
  }

  private static ByteTrie trie(SentencePieceModel model, IntPredicate wanted) {
    List<byte[]> keys = new ArrayList<>();
    int[] ids = new int[model.size()];
    for (int id = 0; id < model.size(); id++) {
      if (wanted.test(id)) {
        ids[keys.size()] = id;
        keys.add(model.piece(id).getBytes(StandardCharsets.UTF_8));
      }
    }
    return ByteTrie.of(keys, ids);
  }

  private static boolean found(Type type) {
    return switch (type) {
      case NORMAL, USER_DEFINED, UNUSED -> true;
      case UNKNOWN, CONTROL, BYTE -> false;
    };
  }

  private static Segmenter segmenter(SentencePieceModel model, ByteTrie userDefined) {
    ByteTrie pieces = trie(model, id -> found(model.type(id)));
    if (model.algorithm() == SentencePieceModel.Algorithm.UNIGRAM) {
      return new UnigramModel(model, pieces)::segment;
    }
    // Where two pieces have one text, what is not found in texts comes first.
    ByteTrie ids = trie(model, id -> model.id(model.piece(id)).orElse(id) == id);
    return switch (model.algorithm()) {
      case UNIGRAM, BPE -> {
        SentencePieceBpe bpe = new SentencePieceBpe(model, pieces, userDefined);
        yield (text, size, out) -> bpe.segment(text, size, ids, model.unknown(), out);
      }
      case CHAR ->
          (text, size, out) -> characters(text, size, userDefined, ids, model.unknown(), out);
      case WORD -> (text, size, out) -> words(text, size, ids, model.unknown(), out);
    };
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

  /// The model's description.
  ///
  /// @return what its file says
  public SentencePieceModel model() {
    return model;
  }

  /// Encodes a stretch of text.
  ///
  /// Neighbouring characters that no piece covers make one unknown token; with byte fallback each of
  /// their bytes is a token, of which all but a character's last are of no width.
  ///
  /// @param text the text, without lone surrogates
  /// @param start where the stretch begins
  /// @param end where it ends
  /// @param out takes the tokens, with their places in `text`
  public void encode(String text, int start, int end, TokenBuffer out) {
    byte[] utf8 = text.substring(start, end).getBytes(StandardCharsets.UTF_8);
    int[] units = units(text, start, end, utf8.length);
    AlignedBytes normalized = normalizer.normalize(utf8);
    Segments segments = new Segments();
    segmenter.segment(normalized.bytes(), normalized.size(), segments);
    int begin = 0;
    boolean afterUnknown = false;
    for (int i = 0; i < segments.size(); i++) {
      int id = segments.id(i);
      int stop = segments.end(i);
      int from = unit(units, start, normalized.origin(begin));
      int to = unit(units, start, normalized.origin(stop));
      boolean unknown = id == model.unknown();
      if (unknown && byteIds.length > 0) {
        for (int b = begin; b < stop; b++) {
          out.add(byteIds[normalized.bytes()[b] & 0xFF], from, b + 1 == stop ? to : from);
        }
      } else if (unknown && afterUnknown) {
        int last = out.size() - 1;
        out.move(last, out.start(last), to);
      } else {
        out.add(id, from, to);
      }
      afterUnknown = unknown;
      begin = stop;
    }
  }

  /// For each byte the UTF-16 unit that it belongs to, and the end; empty where they are the same.
  private static int[] units(String text, int start, int end, int size) {
    if (size == end - start) {
      return new int[0];
    }
    int[] units = new int[size + 1];
    int at = 0;
    for (int i = start; i < end; ) {
      int c = text.codePointAt(i);
      int length = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
      for (int k = 0; k < length; k++) {
        units[at++] = i;
      }
      i += Character.charCount(c);
    }
    units[at] = end;
    return units;
  }

  private static int unit(int[] units, int start, int origin) {
    return units.length == 0 ? start + origin : units[origin];
  }

  /// Turns ids back into text.
  ///
  /// @param ids the ids
  /// @return the text
  /// @throws IllegalArgumentException when an id is out of range
  public String decode(int[] ids) {
    return decode(ids, true);
  }

  /// Turns ids back into text.
  ///
  /// @param ids the ids
  /// @param first whether they begin a text, whose leading space was added
  /// @return the text
  /// @throws IllegalArgumentException when an id is out of range
  public String decode(int[] ids, boolean first) {
    NormalizerSpec spec = model.normalizer();
    boolean strips = spec.addDummyPrefix() || spec.removeExtraWhitespaces();
    StringBuilder out = new StringBuilder(4 * ids.length);
    byte[] run = new byte[ids.length];
    int runLength = 0;
    boolean atStart = first;
    boolean stripped = false;
    for (int id : ids) {
      if (id < 0 || id >= surfaces.length) {
        throw new IllegalArgumentException(
            "decode: expected ids from 0 to " + (surfaces.length - 1) + ", got " + id);
      }
      if (bytes[id] >= 0) {
        run[runLength++] = (byte) bytes[id];
        continue;
      }
      out.append(Utf8.decodeByteByByte(run, runLength));
      runLength = 0;
      atStart &= !stripped && out.isEmpty();
      stripped = false;
      switch (model.type(id)) {
        case CONTROL, BYTE -> {}
        case UNKNOWN -> out.append(model.unknownSurface());
        case NORMAL, USER_DEFINED, UNUSED -> {
          boolean strip = atStart && strips && model.piece(id).startsWith("▁");
          out.append(surfaces[id], strip ? 1 : 0, surfaces[id].length());
          stripped = strip && !spec.removeExtraWhitespaces();
        }
      }
    }
    out.append(Utf8.decodeByteByByte(run, runLength));
    if (denormalizer.isEmpty()) {
      return out.toString();
    }
    AlignedBytes denormalized =
        denormalizer.get().normalize(out.toString().getBytes(StandardCharsets.UTF_8));
    return Utf8.decode(denormalized.bytes(), denormalized.size());
  }
}
