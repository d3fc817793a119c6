package dev.quintet.trainer.augment;

import dev.quintet.core.random.Philox;
import dev.quintet.core.random.Site;

/// What decides a copy, and all that does: with the same draw a text becomes the same.
///
/// @param seed of the preparation
/// @param epoch from 0
/// @param row stands for the row, wherever in its file it is
/// @param copy the copy's number, from 0
public record Draw(long seed, long epoch, long row, int copy) {
  private static final long EPOCH = Site.of("augment.epoch");
  private static final long COPY = Site.of("augment.copy");

  /// The row's number made of its texts, so that a row that is added changes no other.
  public static long row(String texts) {
    return Site.of(texts);
  }

  /// Numbers for a purpose.
  public Philox random(String purpose) {
    long stream = Site.mix64(row ^ Site.of(purpose));
    stream = Site.mix64(stream + EPOCH * (epoch + 1));
    return Philox.of(seed, Site.mix64(stream + COPY * (copy + 1L)));
  }

  /// One of some kinds, so that the copies of a row take turns, and rows begin with different ones.
  ///
  /// @param kinds how many there are
  public int kind(int kinds) {
    return (int) Math.floorMod(Site.mix64(row) + copy, (long) kinds);
  }
}
