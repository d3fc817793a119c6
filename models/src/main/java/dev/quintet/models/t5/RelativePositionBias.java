package dev.quintet.models.t5;

import dev.quintet.core.nn.Module;
import dev.quintet.core.nn.ParameterSource;
import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.Parameter;
import dev.quintet.core.tensor.Tensor;

/// The learned bias of attention scores by the distance from query to key, in buckets (Raffel et al., arXiv
/// 1910.10683, section 2.1).
///
/// Near distances have a bucket each, far ones share logarithmically larger ones. The bias depends on
/// the distance alone, so it is computed once for each distance, not for each pair.
public final class RelativePositionBias extends Module {
  private static final long MOST_DISTANCES = 1L << 30;

  private final Parameter weight;
  private final boolean bidirectional;
  private final int buckets;
  private final int maxDistance;

  /// A bias.
  ///
  /// @param config sizes
  /// @param bidirectional whether keys after the query have buckets of their own: in encoders, not in decoders
  /// @param source gives the table `weight`, [buckets, H]
  RelativePositionBias(T5Config config, boolean bidirectional, ParameterSource source) {
    this.bidirectional = bidirectional;
    this.buckets = config.buckets();
    this.maxDistance = config.maxDistance();
    this.weight = parameter("weight", source.make("weight", Shape.of(buckets, config.heads())));
  }

  /// The biases of all distances that T queries and S keys have: `[H, T + S - 1]`, in which element d belongs
  /// to key minus query equal to d - (T - 1 + queryOffset).
  ///
  /// @param queries T
  /// @param keys S
  /// @param queryOffset position of the first query among the keys
  /// @throws IllegalArgumentException if one is negative, or there is no distance or more than 2^30 of them
  public Tensor distances(int queries, int keys, int queryOffset) {
    long distances = (long) queries + keys - 1;
    if (queries < 0 || keys < 0 || queryOffset < 0 || distances < 0 || distances > MOST_DISTANCES) {
      throw new IllegalArgumentException(
          "relative positions: there are no biases of "
              + queries
              + " queries from place "
              + queryOffset
              + " on and "
              + keys
              + " keys");
    }
    int[] ids = new int[(int) distances];
    for (int d = 0; d < ids.length; d++) {
      long distance = d - (queries - 1L + queryOffset);
      int near = (int) Math.max(distance, -Integer.MAX_VALUE);
      ids[d] = bucket(near, bidirectional, buckets, maxDistance);
    }
    return weight.rows(Tensor.ofInts(Shape.of(ids.length), ids)).permute(1, 0);
  }

  /// The bucket of a distance.
  ///
  /// The arithmetic is float32, as in transformers, so that no distance falls on the other side of a boundary.
  ///
  /// @param distance key position minus query position
  /// @param bidirectional whether positive distances have the upper half of the buckets
  /// @param buckets the number of buckets
  /// @param maxDistance from here on all share the last bucket
  public static int bucket(int distance, boolean bidirectional, int buckets, int maxDistance) {
    int half = bidirectional ? buckets / 2 : buckets;
    int base = bidirectional && distance > 0 ? half : 0;
    int back = distance == Integer.MIN_VALUE ? Integer.MAX_VALUE : -distance;
    int far = bidirectional && distance > 0 ? distance : Math.max(back, 0);
    int exact = half / 2;
    if (far < exact) {
      return base + far;
    }
    float log = (float) Math.log((float) far / exact);
    float share = log / (float) Math.log((double) maxDistance / exact);
    return base + Math.min(exact + (int) (share * (half - exact)), half - 1);
  }
}
