package dev.quintet.tokenizers.sentencepiece.unigram;

import dev.quintet.tokenizers.text.Segments;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/// All segmentations of one text, as nodes in the reference's order: by where they begin, then by
/// length. For the n best of them, for samples and their entropy; made by
/// [UnigramModel#paths].
public final class Paths extends LatticeNodes {

  /// At so many partial paths all but the best are forgotten, as in the reference.
  private static final int MAX_AGENDA = 10_000;

  private static final int KEPT_AGENDA = 512;

  /// One segmentation.
  ///
  /// @param pieces its pieces
  /// @param score the sum of their scores
  public record Scored(Segments pieces, float score) {}

  Paths(int places) {
    clear(places);
  }

  /// The score of the best path that ends with each node.
  private float[] backtrace() {
    float[] backtrace = new float[nodes];
    for (int node = 0; node < nodes; node++) {
      float score = scores[node];
      int left = begins[node] == 0 ? NONE : firstEnding[begins[node]];
      if (left == NONE) {
        backtrace[node] = score;
        continue;
      }
      float best = backtrace[left] + score;
      for (left = nextEnding[left]; left != NONE; left = nextEnding[left]) {
        best = backtrace[left] + score > best ? backtrace[left] + score : best;
      }
      backtrace[node] = best;
    }
    return backtrace;
  }

  /// The best segmentations, best first: A* from the end, with the exact score as heuristic. Equal
  /// ones come as in the reference.
  ///
  /// @param n how many at most, 1 to 1024
  /// @return one, or more
  public List<Scored> best(int n) {
    if (size == 0) {
      return List.of(new Scored(new Segments(), 0));
    }
    float[] backtrace = backtrace();
    List<Scored> found = new ArrayList<>();
    Agenda agenda = new Agenda();
    // The end of the text stands as the node one past the last.
    agenda.push(agenda.hypothesis(nodes, NONE, 0), 0);
    while (!agenda.isEmpty()) {
      int top = agenda.pop();
      int node = agenda.node(top);
      float gone = agenda.gone(top);
      if (node == NONE) {
        Segments pieces = new Segments();
        for (int one : agenda.path(agenda.next(top), nodes)) {
          pieces.add(ids[one], ends[one]);
        }
        found.add(new Scored(pieces, gone));
        if (found.size() == n) {
          break;
        }
        continue;
      }
      int at = node == nodes ? size : begins[node];
      if (at == 0) {
        agenda.push(agenda.hypothesis(NONE, top, gone), gone);
      }
      for (int left = at == 0 ? NONE : firstEnding[at]; left != NONE; left = nextEnding[left]) {
        agenda.push(agenda.hypothesis(left, top, scores[left] + gone), backtrace[left] + gone);
      }
      if (agenda.size() >= MAX_AGENDA) {
        agenda.keep(Math.min(KEPT_AGENDA, 10 * n));
      }
    }
    return found;
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
  /// @param random where chance comes from
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
