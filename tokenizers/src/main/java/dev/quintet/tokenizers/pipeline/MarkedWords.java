package dev.quintet.tokenizers.pipeline;

import dev.quintet.tokenizers.text.TokenBuffer;
import dev.quintet.tokenizers.word.WordModel;

/// A model that sees U+2581 where its words have a space.
public record MarkedWords(WordModel model) implements WordModel {

  private static final byte[] MARK = {(byte) 0xE2, (byte) 0x96, (byte) 0x81};

  @Override
  public void encode(byte[] utf8, int start, int end, TokenBuffer out) {
    int spaces = 0;
    for (int i = start; i < end; i++) {
      spaces += utf8[i] == ' ' ? 1 : 0;
    }
    if (spaces == 0) {
      model.encode(utf8, start, end, out);
      return;
    }
    byte[] marked = new byte[Math.addExact(end - start, 2 * spaces)];
    // For each byte and the end where it comes from; bytes of a mark come from one space.
    int[] origins = new int[marked.length + 1];
    int size = 0;
    for (int i = start; i < end; i++) {
      if (utf8[i] == ' ') {
        for (byte b : MARK) {
          origins[size] = i;
          marked[size++] = b;
        }
      } else {
        origins[size] = i;
        marked[size++] = utf8[i];
      }
    }
    origins[size] = end;
    int first = out.size();
    model.encode(marked, 0, size, out);
    for (int t = first; t < out.size(); t++) {
      out.move(t, origins[out.start(t)], origins[out.end(t) - 1] + 1);
    }
  }
}
