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
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
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

  /// What the pieces stand for in UTF-8 one after the other, with spaces for U+2581.
  private final byte[] surfaces;

  /// Where each piece's begins, and the end.
  private final int[] surfaceStarts;

  private final boolean[] startsWithSpace;

  private interface Segmenter {
    void segment(AlignedBytes text, Segments out);
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
    this.surfaceStarts = new int[model.size() + 1];
    this.startsWithSpace = new boolean[model.size()];
    var texts = new ByteArrayOutputStream(8 * model.size());
    for (int id = 0; id < model.size(); id++) {
      bytes[id] = -1;
      String surface =
          switch (model.type(id)) {
            case CONTROL, BYTE -> "";
            case UNKNOWN -> model.unknownSurface();
            case NORMAL, USER_DEFINED, UNUSED -> model.piece(id).replace('▁', ' ');
          };
      texts.writeBytes(surface.getBytes(StandardCharsets.UTF_8));
      surfaceStarts[id + 1] = texts.size();
      startsWithSpace[id] = found(model.type(id)) && model.piece(id).startsWith("▁");
      if (model.type(id) == Type.BYTE) {
        bytes[id] = (short) Integer.parseInt(model.piece(id).substring(3, 5), 16);
        byteIds[bytes[id]] = id;
      }
    }
    this.surfaces = texts.toByteArray();
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

  private static boolean found(Type type) {
    return switch (type) {
      case NORMAL, USER_DEFINED, UNUSED -> true;
      case UNKNOWN, CONTROL, BYTE -> false;
    };
  }

  private static Segmenter segmenter(SentencePieceModel model, ByteTrie userDefined) {
    if (model.algorithm() == SentencePieceModel.Algorithm.UNIGRAM) {
      List<byte[]> texts = new ArrayList<>();
      int[] ids = texts(model, id -> found(model.type(id)) && model.type(id) != Type.UNUSED, texts);
      UnigramModel unigram = new UnigramModel(model, texts, ids);
      return (text, out) -> unigram.segment(text.bytes(), text.size(), text.isValid(), out);
    }
    ByteTrie pieces = trie(model, id -> found(model.type(id)));
    // Where two pieces have one text, what is not found in texts comes first.
    ByteTrie ids = trie(model, id -> model.id(model.piece(id)).orElse(id) == id);
    return switch (model.algorithm()) {
      case UNIGRAM, BPE -> {
        SentencePieceBpe bpe =
            new SentencePieceBpe(
                model, pieces, userDefined, trie(model, id -> !found(model.type(id))));
        yield (text, out) -> bpe.segment(text.bytes(), text.size(), out);
      }
      case CHAR ->
          (text, out) ->
              characters(text.bytes(), text.size(), userDefined, ids, model.unknown(), out);
      case WORD -> (text, out) -> words(text.bytes(), text.size(), ids, model.unknown(), out);
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
    AlignedBytes normalized = normalizer.normalize(utf8, true);
    Segments segments = segment(normalized);
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

  /// Encodes a text for callers who need no offsets.
  ///
  /// @param text the text, without lone surrogates
  /// @return the ids that [#encode] would give
  public int[] encodeToIds(String text) {
    AlignedBytes normalized = normalizer.normalize(text.getBytes(StandardCharsets.UTF_8), false);
    Segments segments = segment(normalized);
    return segments.contains(model.unknown()) ? withUnknown(normalized, segments) : segments.ids();
  }

  private int[] withUnknown(AlignedBytes normalized, Segments segments) {
    int most = byteIds.length > 0 ? normalized.size() : segments.size();
    int[] ids = new int[most];
    int size = 0;
    int begin = 0;
    boolean afterUnknown = false;
    for (int i = 0; i < segments.size(); i++) {
      int id = segments.id(i);
      int stop = segments.end(i);
      boolean unknown = id == model.unknown();
      if (unknown && byteIds.length > 0) {
        for (int b = begin; b < stop; b++) {
          ids[size++] = byteIds[normalized.bytes()[b] & 0xFF];
        }
      } else if (!unknown || !afterUnknown) {
        ids[size++] = id;
      }
      afterUnknown = unknown;
      begin = stop;
    }
    return Arrays.copyOf(ids, size);
  }

  private Segments segment(AlignedBytes normalized) {
    Segments segments = new Segments(normalized.size() / 3);
    segmenter.segment(normalized, segments);
    return segments;
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
    byte[] out = new byte[8 * ids.length + 16];
    int size = 0;
    boolean atStart = first;
    boolean stripped = false;
    for (int i = 0; i < ids.length; i++) {
      int id = ids[i];
      if (id < 0 || id >= bytes.length) {
        throw new IllegalArgumentException(
            "decode: expected ids from 0 to " + (bytes.length - 1) + ", got " + id);
      }
      if (bytes[id] >= 0) {
        int end = endOfBytes(ids, i);
        byte[] run = run(ids, i, end);
        out = room(out, size, run.length);
        System.arraycopy(run, 0, out, size, run.length);
        size += run.length;
        i = end - 1;
        continue;
      }
      atStart &= !stripped && size == 0;
      stripped = false;
      int from = surfaceStarts[id];
      if (atStart && strips && startsWithSpace[id]) {
        from++;
        stripped = !spec.removeExtraWhitespaces();
      }
      int length = surfaceStarts[id + 1] - from;
      out = room(out, size, length);
      for (int k = 0; k < length; k++) {
        out[size + k] = surfaces[from + k];
      }
      size += length;
    }
    if (denormalizer.isEmpty()) {
      return new String(out, 0, size, StandardCharsets.UTF_8);
    }
    AlignedBytes denormalized = denormalizer.get().normalize(Arrays.copyOf(out, size));
    return Utf8.decode(denormalized.bytes(), denormalized.size());
  }

  private static byte[] room(byte[] out, int size, int more) {
    return more <= out.length - size
        ? out
        : Arrays.copyOf(out, Math.max(Math.addExact(size, more), Math.addExact(size, size)));
  }

  private int endOfBytes(int[] ids, int start) {
    int end = start;
    while (end < ids.length && ids[end] >= 0 && ids[end] < bytes.length && bytes[ids[end]] >= 0) {
      end++;
    }
    return end;
  }

  /// The characters of a run of byte pieces; a byte that is part of none becomes U+FFFD.
  private byte[] run(int[] ids, int start, int end) {
    byte[] run = new byte[end - start];
    for (int i = start; i < end; i++) {
      run[i - start] = (byte) bytes[ids[i]];
    }
    return Utf8.decodeByteByByte(run, run.length).getBytes(StandardCharsets.UTF_8);
  }
}
