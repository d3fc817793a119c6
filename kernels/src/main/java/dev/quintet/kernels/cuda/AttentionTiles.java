package dev.quintet.kernels.cuda;

import dev.quintet.core.backend.AttentionCall;
import dev.quintet.core.backend.AttentionCall.Kind;

/// How a call of attention falls into tiles of so many queries and keys, and so what its kernels load again. Of lengths and
/// starts, which the host does not know, it takes that they leave nothing out.
record AttentionTiles(AttentionCall call, int tile) {

  /// Blocks along the queries, of which there is one for each row of the batch and head.
  long queryBlocks() {
    return blocks(call.queries());
  }

  /// Blocks along the keys.
  long keyBlocks() {
    return blocks(call.keys());
  }

  /// Blocks along the rows of the batch.
  int rows() {
    return (int) CudaAttention.rows(call);
  }

  /// Rows of the batch times heads.
  long heads() {
    return (long) rows() * call.heads();
  }

  /// Keys that blocks of queries load of a head, one block after the other.
  long keysLoaded() {
    long sum = 0;
    for (int i = 0; i < call.queries(); i += tile) {
      sum += Math.min(call.keys(), keyTiles(i) * tile);
    }
    return sum;
  }

  /// Queries that blocks of keys load of a head, one block after the other.
  long queriesLoaded() {
    long sum = 0;
    for (int j = 0; j < call.keys(); j += tile) {
      sum += call.queries() - firstQuery(j);
    }
    return sum;
  }

  /// Pairs of a block of queries and one of keys.
  long pairs() {
    long sum = 0;
    for (int i = 0; i < call.queries(); i += tile) {
      sum += keyTiles(i);
    }
    return sum;
  }

  /// The same, as blocks of keys see it.
  long pairsOfKeys() {
    long sum = 0;
    for (int j = 0; j < call.keys(); j += tile) {
      sum += (call.queries() - firstQuery(j) + tile - 1) / tile;
    }
    return sum;
  }

  /// Pairs of a query and a key that see each other.
  long seen() {
    if (!call.masks().causal()) {
      return (long) call.queries() * call.keys();
    }
    long sum = 0;
    for (int i = 0; i < call.queries(); i++) {
      sum += Math.clamp((long) i + call.masks().queryOffset() + 1, 0, call.keys());
    }
    return sum;
  }

  /// Bytes of numbers of masks and segments for each pair of a query and a key.
  int numbers() {
    return switch (call.masks().kind()) {
      case ALL, LENGTHS, STARTS -> 0;
      case MASK -> 4;
      case SEGMENTS -> 8;
    };
  }

  /// Bytes that every thread of a launch loads to find its place and its mask.
  long perThread() {
    boolean state = call.dropout().active() && call.dropout().state() != 0;
    return (call.masks().kind() == Kind.LENGTHS ? 4 : 0) + (state ? 24 : 0);
  }

  private long keyTiles(int query) {
    int keys = call.keys();
    if (call.masks().causal()) {
      int last = Math.min(query + tile, call.queries()) - 1;
      keys = Math.clamp((long) last + call.masks().queryOffset() + 1, 0, keys);
    }
    return (keys + tile - 1) / tile;
  }

  private int firstQuery(int key) {
    boolean known = numbers() == 0 && call.masks().queryOffset() >= 0;
    return call.masks().causal() && known
        ? Math.clamp((key - call.masks().queryOffset()) / tile * tile, 0, call.queries())
        : 0;
  }

  private long blocks(int tokens) {
    return call.masks().kind() == Kind.STARTS
        ? (long) tokens / tile + call.batch()
        : ((long) tokens + tile - 1) / tile;
  }
}
