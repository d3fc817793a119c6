package dev.quintet.trainer.evaluate;

import dev.quintet.core.nn.Pass;
import dev.quintet.core.shape.Device;
import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.Scope;
import dev.quintet.core.tensor.Tensor;
import dev.quintet.models.t5.T5;
import dev.quintet.models.text.TextToText;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;

/// Answers chosen among labels: the one whose tokens, its end included, have the highest mean log-probability; of equal ones
/// the first.
public final class RankedAnswers implements Answerer {
  private final TextToText text;
  private final List<String> labels;
  private final int maxSource;
  private final int batch;

  /// Answers of a model.
  ///
  /// @param text stays the caller's to close
  /// @param labels at least one
  /// @param maxSource tokens of a source, the end included; longer ones are cut as for training
  /// @param batch the most sources that are answered at once
  /// @throws IllegalArgumentException if there is no label
  public RankedAnswers(TextToText text, List<String> labels, int maxSource, int batch) {
    this.text = text;
    this.labels = List.copyOf(new LinkedHashSet<>(labels));
    this.maxSource = maxSource;
    this.batch = batch;
    if (this.labels.isEmpty()) {
      throw new IllegalArgumentException("ranking needs labels to choose among, and there is none");
    }
  }

  @Override
  public List<Reply> answer(List<String> sources) {
    T5 model = text.model();
    int pad = model.config().padId();
    List<int[]> targets = new ArrayList<>();
    labels.forEach(label -> targets.add(text.tokenizer().encodeToIds(label, true)));
    Reply[] replies = new Reply[sources.size()];
    var encoded = new Sources(sources, text.tokenizer(), maxSource, pad, model.config().eosId());
    Device device = model.parameters().values().iterator().next().device();
    try (var _ = model.use()) {
      for (Sources.Part part : encoded.parts(batch)) {
        double[][] scores = scores(model, part, targets, device);
        for (int row = 0; row < scores.length; row++) {
          int best = 0;
          for (int label = 1; label < targets.size(); label++) {
            best = scores[row][label] > scores[row][best] ? label : best;
          }
          replies[part.numbers()[row]] =
              new Reply(labels.get(best), targets.get(best).length, false);
        }
      }
    }
    return List.of(replies);
  }

  private static double[][] scores(
      T5 model, Sources.Part part, List<int[]> targets, Device device) {
    int rows = part.ids().length;
    double[][] scores = new double[rows][targets.size()];
    try (var _ = Scope.openWithoutGradients(device)) {
      Shape shape = Shape.of(rows, part.ids()[0].length);
      Tensor mask = Tensor.ofInts(shape, Sources.Part.flat(part.mask()));
      Tensor ids = Tensor.ofInts(shape, Sources.Part.flat(part.ids()));
      Tensor memory = model.encode(ids, mask, Pass.inference());
      for (int label = 0; label < targets.size(); label++) {
        int[] target = targets.get(label);
        try (var _ = Scope.openWithoutGradients(device)) {
          Tensor given = Tensor.ofInts(Shape.of(rows, target.length), shifted(model, target, rows));
          float[] logits =
              model.logits(model.decode(given, memory, mask, Pass.inference())).toFloats();
          int vocabulary = logits.length / (rows * target.length);
          for (int row = 0; row < rows; row++) {
            scores[row][label] = mean(logits, row, target, vocabulary);
          }
        }
      }
    }
    return scores;
  }

  private static int[] shifted(T5 model, int[] target, int rows) {
    int[] given = new int[rows * target.length];
    for (int i = 0; i < given.length; i++) {
      int at = i % target.length;
      given[i] = at == 0 ? model.config().startId() : target[at - 1];
    }
    return given;
  }

  private static double mean(float[] logits, int row, int[] target, int vocabulary) {
    double sum = 0;
    for (int at = 0; at < target.length; at++) {
      int from = (row * target.length + at) * vocabulary;
      double most = Double.NEGATIVE_INFINITY;
      for (int v = 0; v < vocabulary; v++) {
        most = Math.max(most, logits[from + v]);
      }
      double total = 0;
      for (int v = 0; v < vocabulary; v++) {
        total += Math.exp(logits[from + v] - most);
      }
      sum += logits[from + target[at]] - most - Math.log(total);
    }
    return sum / Math.max(1, target.length);
  }

  /// The labels.
  @Override
  public String toString() {
    return "ranked among " + labels + " for sources of up to " + maxSource;
  }
}
