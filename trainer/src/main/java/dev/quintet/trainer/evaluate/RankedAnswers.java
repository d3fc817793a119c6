package dev.quintet.trainer.evaluate;

import dev.quintet.core.nn.Pass;
import dev.quintet.core.shape.Device;
import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.Scope;
import dev.quintet.core.tensor.Tensor;
import dev.quintet.models.t5.T5;
import dev.quintet.models.text.TextToText;
import java.util.ArrayList;
import java.util.Collections;
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
              new Reply(labels.get(best), targets.get(best).length, false, scores[row][best]);
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
        try (var _ = Scope.openWithoutGradients(device)) {
          double[] means =
              Likelihoods.of(model, memory, mask, Collections.nCopies(rows, targets.get(label)));
          for (int row = 0; row < rows; row++) {
            scores[row][label] = means[row];
          }
        }
      }
    }
    return scores;
  }

  /// The labels.
  @Override
  public String toString() {
    return "ranked among " + labels + " for sources of up to " + maxSource;
  }
}
