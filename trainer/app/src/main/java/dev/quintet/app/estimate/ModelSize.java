package dev.quintet.app.estimate;

import dev.quintet.models.t5.T5Config;

/// The sizes of the released T5 checkpoints that one chip trains.
public enum ModelSize {
  /// 60.5 million parameters, or 77.0 in v1.1.
  SMALL(512, 6, 8, 2048, 8, 6, 1024),
  /// 222.9 million parameters, or 247.6 in v1.1.
  BASE(768, 12, 12, 3072, 12, 12, 2048),
  /// 737.7 million parameters, or 783.2 in v1.1.
  LARGE(1024, 24, 16, 4096, 24, 16, 2816);

  private static final int HEAD = 64;

  private final int width;
  private final int firstLayers;
  private final int firstHeads;
  private final int firstInner;
  private final int layers;
  private final int heads;
  private final int inner;

  ModelSize(
      int width,
      int firstLayers,
      int firstHeads,
      int firstInner,
      int layers,
      int heads,
      int inner) {
    this.width = width;
    this.firstLayers = firstLayers;
    this.firstHeads = firstHeads;
    this.firstInner = firstInner;
    this.layers = layers;
    this.heads = heads;
    this.inner = inner;
  }

  /// Its configuration, without dropout.
  ///
  /// @param second whether v1.1, with gates and a head of its own
  public T5Config config(boolean second) {
    T5Config small = T5Config.small().withDropout(0);
    return second
        ? small.withWidths(width, HEAD, heads, inner).withLayers(layers, layers).v11()
        : small
            .withWidths(width, HEAD, firstHeads, firstInner)
            .withLayers(firstLayers, firstLayers);
  }
}
