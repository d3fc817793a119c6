package dev.quintet.models.t5;

import dev.quintet.core.nn.Module;
import dev.quintet.core.nn.ParameterSource;
import dev.quintet.core.shape.DType;
import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.Constant;
import dev.quintet.core.tensor.Parameter;
import dev.quintet.core.tensor.Tensor;
import java.util.stream.IntStream;

/// The learned bias of attention scores by the distance from query to key, in buckets (Raffel et al., arXiv
/// 1910.10683, section 2.1).
///
/// Near distances have a bucket each, far ones share logarithmically larger ones. The bias depends on
/// the distance alone, so one table of distances serves all lengths.
public final class RelativePositionBias extends Module {
  private final Parameter weight;
  private final Constant ids;

  /// A bias.
  ///
  /// @param config sizes
  /// @param bidirectional whether keys after the query have buckets of their own: in encoders, not in decoders
  /// @param source gives the table `weight`, [buckets, H]
  RelativePositionBias(T5Config config, boolean bidirectional, ParameterSource source) {
    int buckets = config.buckets();
    int reach = config.maxDistance();
    weight = parameter("weight", source.make("weight", Shape.of(buckets, config.heads())));
    int[] places =
        IntStream.rangeClosed(-reach, reach)
            .map(distance -> bucket(distance, bidirectional, buckets, reach))
            .toArray();
    ids = constant(new Constant(Shape.of(places.length), places));
  }

  /// The biases of all distances, `[H, 2 R + 1]`, from R keys before a query to R behind it; all that are farther
  /// share the last bucket, and so the first or the last bias. R is the model's greatest distance.
  public Tensor table() {
    return weight.rows(ids.beside(weight)).permute(1, 0).cast(DType.F32);
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
