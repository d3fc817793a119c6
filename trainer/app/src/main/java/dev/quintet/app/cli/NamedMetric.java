package dev.quintet.app.cli;

import dev.quintet.core.nn.NearNames;
import dev.quintet.models.json.JsonObject;
import dev.quintet.trainer.metric.Classification;
import dev.quintet.trainer.metric.ExactMatch;
import dev.quintet.trainer.metric.Metric;
import dev.quintet.trainer.metric.NameMetric;
import dev.quintet.trainer.metric.Rouge;
import dev.quintet.trainer.metric.Squad;
import dev.quintet.trainer.metric.TagScores;
import dev.quintet.trainer.metric.translation.Bleu;
import dev.quintet.trainer.metric.translation.Chrf;
import dev.quintet.trainer.metric.translation.Ter;
import java.util.List;

/// The metrics of `cross-validate` by name.
final class NamedMetric {
  static final List<String> NAMES =
      List.of(
          "exact_match",
          "squad",
          "rouge",
          "bleu",
          "chrf",
          "ter",
          "classification",
          "tags",
          "names");

  private NamedMetric() {}

  /// @throws IllegalArgumentException that names the nearest, if there is none of this name
  static Metric of(JsonObject json, String name) {
    return switch (name) {
      case "exact_match" -> new ExactMatch("exact_match");
      case "squad" -> new Squad(Squad.Version.V1_1);
      case "rouge" -> new Rouge(true);
      case "bleu" -> Bleu.DEFAULT;
      case "chrf" -> Chrf.DEFAULT;
      case "ter" -> Ter.DEFAULT;
      case "classification" -> new Classification();
      case "tags" -> new TagScores();
      case "names" -> new NameMetric();
      default -> {
        List<String> near = NearNames.close(name, NAMES);
        throw json.wrong(
            "metrics",
            "a list of "
                + String.join(", ", NAMES)
                + (near.isEmpty() ? "" : " (\"" + near.getFirst() + "\"?)"),
            name);
      }
    };
  }
}
