package dev.quintet.tokenizers.sentencepiece;

import dev.quintet.tokenizers.sentencepiece.file.NormalizerSpec;
import dev.quintet.tokenizers.sentencepiece.file.SentencePieceModel;
import dev.quintet.tokenizers.sentencepiece.file.SentencePieceModel.Type;
import dev.quintet.tokenizers.sentencepiece.normalize.AlignedBytes;
import dev.quintet.tokenizers.sentencepiece.normalize.SentencePieceNormalizer;
import dev.quintet.tokenizers.text.Utf8;
import java.io.ByteArrayOutputStream;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/// Turns a SentencePiece model's ids into text, by copying what each stands for.
final class PieceDecoder {

  private final SentencePieceModel model;
  private final Optional<SentencePieceNormalizer> denormalizer;

  /// The byte of each id that is a byte's piece, else -1.
  private final short[] bytes;

  /// What the pieces stand for in UTF-8 one after the other, with spaces for U+2581; then [#WIDE]
  /// bytes more.
  private final byte[] surfaces;

  /// Where each piece's begins, and the end.
  private final int[] surfaceStarts;

  private final boolean[] startsWithSpace;

  /// As many bytes are copied for any shorter piece, as that needs no decision.
  private static final int WIDE = 16;

  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder());

  PieceDecoder(SentencePieceModel model, Optional<SentencePieceNormalizer> denormalizer) {
    this.model = model;
    this.denormalizer = denormalizer;
    this.bytes = new short[model.size()];
    this.surfaceStarts = new int[model.size() + 1];
    this.startsWithSpace = new boolean[model.size()];
    var texts = new ByteArrayOutputStream(8 * model.size());
    for (int id = 0; id < model.size(); id++) {
      Type type = model.type(id);
      bytes[id] = type == Type.BYTE ? (short) SentencePiece.byteOf(model.piece(id)) : -1;
      String surface =
          switch (type) {
            case CONTROL, BYTE -> "";
            case UNKNOWN -> model.unknownSurface();
            case NORMAL, USER_DEFINED, UNUSED -> model.piece(id).replace('▁', ' ');
          };
      texts.writeBytes(surface.getBytes(StandardCharsets.UTF_8));
      surfaceStarts[id + 1] = texts.size();
      startsWithSpace[id] = PieceSegmenter.found(type) && model.piece(id).startsWith("▁");
    }
    texts.writeBytes(new byte[WIDE]);
    this.surfaces = texts.toByteArray();
  }

  /// The text of `ids`; `first` says whether they begin a text, whose leading space was added.
  String decode(int[] ids, boolean first) {
    NormalizerSpec spec = model.normalizer();
    boolean strips = spec.addDummyPrefix() || spec.removeExtraWhitespaces();
    byte[] out = new byte[8 * ids.length + WIDE];
    int size = 0;
    boolean atStart = first;
    boolean stripped = false;
    for (int i = 0; i < ids.length; i++) {
      int id = ids[i];
      if (id < 0 || id >= bytes.length) {
        throw new IllegalArgumentException(
            "decode: expected ids from 0 to " + (bytes.length - 1) + ", got " + id);
      }
      int from = surfaceStarts[id];
      int length = surfaceStarts[id + 1] - from;
      if (length == 0 && bytes[id] >= 0) {
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
      if (atStart && strips && startsWithSpace[id]) {
        from++;
        length--;
        stripped = !spec.removeExtraWhitespaces();
      }
      out = room(out, size, Math.max(length, WIDE));
      if (length <= WIDE) {
        LONGS.set(out, size, (long) LONGS.get(surfaces, from));
        LONGS.set(out, size + 8, (long) LONGS.get(surfaces, from + 8));
      } else {
        System.arraycopy(surfaces, from, out, size, length);
      }
      size += length;
    }
    if (denormalizer.isEmpty() || denormalizer.get().leaves(out, size)) {
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
