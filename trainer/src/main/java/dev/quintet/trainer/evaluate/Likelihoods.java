package dev.quintet.trainer.evaluate;

import dev.quintet.core.nn.Pass;
import dev.quintet.core.shape.Device;
import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.Scope;
import dev.quintet.core.tensor.Tensor;
import dev.quintet.models.t5.T5;
import java.util.Arrays;
import java.util.List;

/// How likely a model holds given answers to be: the mean log-probability of an answer's tokens.
final class Likelihoods {
  private static final long LOGITS = 1 << 24; // at once, which are 64 MB

  private Likelihoods() {}

  /// The means of one answer to each source.
  ///
  /// @param answers the tokens of each, the end among them if it has one
  static double[] means(T5 model, Sources.Part part, List<int[]> answers) {
    Device device = model.parameters().values().iterator().next().device();
    int longest = answers.stream().mapToInt(ids -> ids.length).max().orElse(0);
    long each = Math.max(1, (long) longest * model.config().vocabSize());
    int rows = (int) Math.clamp(LOGITS / each, 1, Math.max(1, answers.size()));
    double[] means = new double[answers.size()];
    for (int from = 0; from < means.length; from += rows) {
      int to = Math.min(means.length, from + rows);
      double[] some = means(model, part.rows(from, to), answers.subList(from, to), device);
      System.arraycopy(some, 0, means, from, some.length);
    }
    return means;
  }

  private static double[] means(T5 model, Sources.Part part, List<int[]> answers, Device device) {
    try (var _ = Scope.openWithoutGradients(device)) {
      Shape shape = Shape.of(part.ids().length, part.ids()[0].length);
      Tensor mask = Tensor.ofInts(shape, Sources.Part.flat(part.mask()));
      Tensor ids = Tensor.ofInts(shape, Sources.Part.flat(part.ids()));
      return of(model, model.encode(ids, mask, Pass.inference()), mask, answers);
    }
  }

  /// The means of an answer to each of some sources that the encoder has read.
  static double[] of(T5 model, Tensor memory, Tensor mask, List<int[]> answers) {
    int length = Math.max(1, answers.stream().mapToInt(ids -> ids.length).max().orElse(1));
    int[] given = new int[answers.size() * length];
    Arrays.fill(given, model.config().padId());
    for (int row = 0; row < answers.size(); row++) {
      int[] answer = answers.get(row);
      given[row * length] = model.config().startId();
      System.arraycopy(answer, 0, given, row * length + 1, Math.max(0, answer.length - 1));
    }
    Tensor decoder = Tensor.ofInts(Shape.of(answers.size(), length), given);
    float[] logits = model.logits(model.decode(decoder, memory, mask, Pass.inference())).toFloats();
    int vocabulary = logits.length / given.length;
    double[] means = new double[answers.size()];
    for (int row = 0; row < means.length; row++) {
      means[row] = mean(logits, row * length, answers.get(row), vocabulary);
    }
    return means;
  }

  private static double mean(float[] logits, int first, int[] answer, int vocabulary) {
    double sum = 0;
    for (int at = 0; at < answer.length; at++) {
      int from = (first + at) * vocabulary;
      sum += logits[from + answer[at]] - logSum(logits, from, vocabulary);
    }
    return sum / Math.max(1, answer.length);
  }

  /// The logarithm of the sum of the exponentials of some numbers.
  private static double logSum(float[] values, int from, int count) {
    double most = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < count; i++) {
      most = Math.max(most, values[from + i]);
    }
    double total = 0;
    for (int i = 0; i < count; i++) {
      total += Math.exp(values[from + i] - most);
    }
    return most + Math.log(total);
  }
}
