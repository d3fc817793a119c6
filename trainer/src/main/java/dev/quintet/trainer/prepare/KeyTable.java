package dev.quintet.trainer.prepare;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.text.Normalizer;

/// Texts that were seen, by 128 bits of their SHA-256 and off the heap; each has the number of its first coming.
///
/// Of a billion texts, two have one key with a probability of 10^-21.
final class KeyTable implements AutoCloseable {
  private static final int SLOT = 24;

  private final MessageDigest digest;
  private Arena arena = Arena.ofShared();
  private long slots = 1 << 12;
  private MemorySegment table = arena.allocate(slots * SLOT, 8);
  private long size;
  private long high;
  private long low;

  KeyTable() {
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  /// The text by which texts are compared exactly.
  static String exact(String text) {
    return Normalizer.normalize(text, Normalizer.Form.NFC);
  }

  /// How many different texts there are.
  long size() {
    return size;
  }

  /// The number of a text, from 0; of a new one, which is added, [#size] as it was.
  long add(String text) {
    key(text);
    if (size * 4 >= slots * 3) {
      grow();
    }
    long slot = slot(high, low);
    long number = number(slot);
    if (number < 0) {
      put(slot, high, low, size);
      return size++;
    }
    return number;
  }

  /// The number of a text; -1 if it is new.
  long find(String text) {
    key(text);
    return number(slot(high, low));
  }

  private void key(String text) {
    ByteBuffer bytes = ByteBuffer.wrap(digest.digest(text.getBytes(StandardCharsets.UTF_8)));
    high = bytes.getLong();
    low = bytes.getLong();
  }

  /// The slot of a key, or a free one for it.
  private long slot(long h, long l) {
    long slot = h & slots - 1;
    while (number(slot) >= 0 && !(at(slot, 0) == h && at(slot, 8) == l)) {
      slot = slot + 1 & slots - 1;
    }
    return slot;
  }

  private long number(long slot) {
    return at(slot, 16) - 1;
  }

  private long at(long slot, int offset) {
    return table.get(ValueLayout.JAVA_LONG, slot * SLOT + offset);
  }

  private void put(long slot, long h, long l, long number) {
    table.set(ValueLayout.JAVA_LONG, slot * SLOT, h);
    table.set(ValueLayout.JAVA_LONG, slot * SLOT + 8, l);
    table.set(ValueLayout.JAVA_LONG, slot * SLOT + 16, number + 1);
  }

  private void grow() {
    MemorySegment old = table;
    Arena before = arena;
    long count = slots;
    arena = Arena.ofShared();
    slots *= 2;
    table = arena.allocate(slots * SLOT, 8);
    for (long s = 0; s < count; s++) {
      long number = old.get(ValueLayout.JAVA_LONG, s * SLOT + 16) - 1;
      if (number >= 0) {
        long h = old.get(ValueLayout.JAVA_LONG, s * SLOT);
        long l = old.get(ValueLayout.JAVA_LONG, s * SLOT + 8);
        put(slot(h, l), h, l, number);
      }
    }
    before.close();
  }

  @Override
  public void close() {
    arena.close();
  }
}
