package dev.quintet.tokenizers.pipeline;

import dev.quintet.tokenizers.huggingface.DecoderSpec;
import dev.quintet.tokenizers.text.Utf8;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.IntFunction;

/// What each id stands for in decoded text, in one array of bytes.
public final class TokenTexts {

  /// How the decoders that most files have can be done without strings.
  private enum Way {
    SPACES,
    BYTE_LEVEL,
    BYTE_FALLBACK_THEN_BYTE_LEVEL,
    METASPACE,
    METASPACE_THROUGHOUT,
    OTHER
  }

  private static final short NO_BYTE = -1;

  private final byte[] bytes;

  /// Where the text of each id begins; one more than there are ids.
  private final int[] starts;

  private final boolean[] known;
  private final boolean[] special;

  /// The byte that a token such as `<0x0A>` falls back to, or -1; empty when none does.
  private final short[] fallbacks;

  /// How each token looks as the first one, where that differs; else there are none.
  private final String[] firsts;

  /// Whether tokens are joined by spaces, as without a decoder.
  private final boolean spaced;

  /// Other decoders work on these.
  private final String[] prepared;

  private final DecoderChain chain;

  public TokenTexts(
      int size,
      IntFunction<Optional<String>> tokens,
      boolean[] special,
      Optional<List<DecoderSpec>> decoders,
      DecoderChain chain) {
    Way way = way(decoders);
    this.special = special;
    this.spaced = way == Way.SPACES;
    this.chain = chain;
    this.starts = new int[size + 1];
    this.known = new boolean[size];
    this.fallbacks = new short[way == Way.BYTE_FALLBACK_THEN_BYTE_LEVEL ? size : 0];
    this.firsts = new String[way == Way.METASPACE ? size : 0];
    this.prepared = new String[way == Way.OTHER ? size : 0];
    var all = new ByteArrayOutputStream(8 * size);
    for (int id = 0; id < size; id++) {
      Optional<String> found = tokens.apply(id);
      String token = found.orElse("");
      known[id] = found.isPresent();
      all.writeBytes(
          switch (way) {
            case SPACES -> token.getBytes(StandardCharsets.UTF_8);
            case BYTE_LEVEL, BYTE_FALLBACK_THEN_BYTE_LEVEL -> DecoderChain.bytesOf(token);
            case METASPACE, METASPACE_THROUGHOUT ->
                token.replace('▁', ' ').getBytes(StandardCharsets.UTF_8);
            case OTHER -> new byte[0];
          });
      starts[id + 1] = all.size();
      if (firsts.length > 0) {
        firsts[id] = token.indexOf('▁') < 0 ? token : token.replace("▁", "");
      }
      if (fallbacks.length > 0) {
        fallbacks[id] = (short) DecoderChain.byteOf(token);
      }
      if (prepared.length > 0) {
        prepared[id] = chain.prepare(token);
      }
    }
    this.bytes = all.toByteArray();
  }

  private static Way way(Optional<List<DecoderSpec>> decoders) {
    if (decoders.isEmpty()) {
      return Way.SPACES;
    }
    List<DecoderSpec> steps = decoders.get();
    var byteLevel = new DecoderSpec.ByteLevel();
    if (steps.equals(List.of(byteLevel))) {
      return Way.BYTE_LEVEL;
    }
    if (steps.equals(List.of(new DecoderSpec.ByteFallback(), byteLevel))) {
      return Way.BYTE_FALLBACK_THEN_BYTE_LEVEL;
    }
    if (steps.equals(List.of(new DecoderSpec.Metaspace("▁", true)))) {
      return Way.METASPACE;
    }
    return steps.equals(List.of(new DecoderSpec.Metaspace("▁", false)))
        ? Way.METASPACE_THROUGHOUT
        : Way.OTHER;
  }

  public String decode(int[] ids, boolean skipSpecialTokens) {
    if (prepared.length > 0) {
      List<String> tokens = new ArrayList<>(ids.length);
      for (int id : ids) {
        if (id >= 0 && id < known.length && known[id] && !(skipSpecialTokens && special[id])) {
          tokens.add(prepared[id]);
        }
      }
      return chain.decode(tokens);
    }
    Bytes text = new Bytes(Math.max(16, 8 * ids.length));
    Bytes run = new Bytes(0);
    boolean first = true;
    for (int id : ids) {
      if (id < 0 || id >= known.length || !known[id] || skipSpecialTokens && special[id]) {
        continue;
      }
      if (fallbacks.length > 0 && fallbacks[id] != NO_BYTE) {
        run.add((byte) fallbacks[id]);
        continue;
      }
      flush(run, text);
      if (spaced && !first) {
        text.add((byte) ' ');
      }
      if (first && firsts.length > 0) {
        byte[] begin = firsts[id].getBytes(StandardCharsets.UTF_8);
        text.add(begin, 0, begin.length);
      } else {
        text.add(bytes, starts[id], starts[id + 1] - starts[id]);
      }
      first = false;
    }
    flush(run, text);
    return Utf8.decode(text.items, text.size);
  }

  /// A run of fallen-back bytes is a token if it is UTF-8, else each byte is U+FFFD; its characters
  /// are then read as byte letters like any token's, as in the reference.
  private static void flush(Bytes run, Bytes text) {
    if (run.size == 0) {
      return;
    }
    byte[] token = DecoderChain.bytesOf(DecoderChain.bytesAsText(run.items, run.size));
    text.add(token, 0, token.length);
    run.size = 0;
  }

  private static final class Bytes {
    private byte[] items;
    private int size;

    Bytes(int capacity) {
      items = new byte[capacity];
    }

    void add(byte item) {
      if (size == items.length) {
        items = Arrays.copyOf(items, Math.max(16, 2 * size));
      }
      items[size++] = item;
    }

    void add(byte[] from, int start, int length) {
      if (size + length > items.length) {
        items = Arrays.copyOf(items, Math.max(2 * items.length, size + length));
      }
      System.arraycopy(from, start, items, size, length);
      size += length;
    }
  }
}
