package dev.quintet.tokenizers.sentencepiece.unigram;

import dev.quintet.tokenizers.text.Segments;
import java.util.List;
import java.util.random.RandomGenerator;

/// All segmentations of one text, for the n best of them, for samples and their entropy; made by
/// [UnigramModel#paths].
public final class Paths extends Lattice {

  /// One segmentation.
  ///
  /// @param pieces its pieces
  /// @param score the sum of their scores
  public record Scored(Segments pieces, float score) {}

  Paths(int places) {
    super(places);
  }

  /// The best segmentations, best first; equal ones come as in the reference.
  ///
  /// @param n how many at most, 1 to 1024
  /// @return one, or more
  public List<Scored> best(int n) {
    if (size == 0) {
      return List.of(new Scored(new Segments(), 0));
    }
    return paths(n).stream().map(path -> new Scored(pieces(path.nodes()), path.score())).toList();
  }

  private Segments pieces(int[] path) {
    Segments pieces = new Segments(path.length);
    for (int node : path) {
      pieces.add(ids[node], ends[node]);
    }
    return pieces;
  }

  /// The logarithm of the sum of the likelihoods of all paths to each place, to the power of
  /// `alpha`.
  private double[] forward(double alpha) {
    double[] sums = new double[size + 1];
    for (int at = 1; at <= size; at++) {
      double highest = Double.NEGATIVE_INFINITY;
      for (int node = firstEnding[at]; node != NONE; node = nextEnding[node]) {
        highest = Math.max(highest, sums[begins[node]] + alpha * scores[node]);
      }
      double sum = 0;
      for (int node = firstEnding[at]; node != NONE; node = nextEnding[node]) {
        sum += Math.exp(sums[begins[node]] + alpha * scores[node] - highest);
      }
      sums[at] = highest + Math.log(sum);
    }
    return sums;
  }

  /// Draws a segmentation with a probability in proportion to its likelihood to the power of
  /// `alpha`: sums from the left, draws from the right.
  ///
  /// @param alpha 0 makes all equally likely; the larger, the likelier is the best
  /// @param random the source of randomness
  /// @return the segmentation, with the logarithm of its probability as its score
  public Scored sample(double alpha, RandomGenerator random) {
    double[] sums = forward(alpha);
    int[] path = new int[size];
    int length = 0;
    double log = 0;
    for (int at = size; at > 0; at = begins[path[length - 1]]) {
      double rest = random.nextDouble();
      int drawn = NONE;
      for (int node = firstEnding[at]; node != NONE; node = nextEnding[node]) {
        double weight = sums[begins[node]] + alpha * scores[node] - sums[at];
        drawn = node;
        rest -= Math.exp(weight);
        if (rest < 0) {
          break;
        }
      }
      log += sums[begins[drawn]] + alpha * scores[drawn] - sums[at];
      path[length++] = drawn;
    }
    Segments pieces = new Segments(length);
    while (length > 0) {
      int node = path[--length];
      pieces.add(ids[node], ends[node]);
    }
    return new Scored(pieces, (float) log);
  }

  /// The entropy of the distribution that [#sample] draws from.
  ///
  /// @param alpha as there
  /// @return the entropy in nats
  public double entropy(double alpha) {
    double[] sums = forward(alpha);
    double[] entropy = new double[size + 1];
    for (int at = 1; at <= size; at++) {
      for (int node = firstEnding[at]; node != NONE; node = nextEnding[node]) {
        double log = sums[begins[node]] + alpha * scores[node] - sums[at];
        entropy[at] += Math.exp(log) * (entropy[begins[node]] - log);
      }
    }
    return entropy[size];
  }
}
