package dev.quintet.models.generate;

import dev.quintet.models.json.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// How tokens are drawn at random; each option thins the candidates out behind those named before it.
///
/// @param temperature divides the logits; above 0
/// @param topH only the likeliest of the best 100 within this share of their entropy, in (0, 1] (Potraghloo et al.,
///     arXiv 2509.02510)
/// @param topK only so many likeliest tokens and what equals the last of them; 0 is all
/// @param topP only the likeliest tokens that together reach this probability, in `[0, 1]`; 1 is all (Holtzman et al.,
///     arXiv 1904.09751)
/// @param minP only tokens of at least this share of the likeliest's probability, in `[0, 1]` (Minh et al., arXiv
///     2407.01082)
/// @param typicalP only the tokens nearest to the entropy that together reach this probability, in (0, 1]; 1 is all
///     (Meister et al., arXiv 2202.00666)
/// @param epsilonCutoff only tokens of at least this probability; 0 is all (Hewitt et al., arXiv 2210.15191)
/// @param etaCutoff only tokens of at least min(eta, sqrt(eta) exp(-entropy)); 0 is all (the same)
public record Sampling(
    double temperature,
    Optional<Double> topH,
    int topK,
    double topP,
    Optional<Double> minP,
    double typicalP,
    double epsilonCutoff,
    double etaCutoff) {
  static final List<String> KEYS =
      List.of(
          "temperature",
          "top_h",
          "top_k",
          "top_p",
          "min_p",
          "typical_p",
          "epsilon_cutoff",
          "eta_cutoff");
  static final Sampling DEFAULT = of(JsonObject.of(Map.of()));

  static Sampling of(JsonObject options) {
    return new Sampling(
        options.number("temperature").orElse(1.0),
        options.number("top_h"),
        // transformers' default: whoever asks for sampling alone gets the best 50.
        options.integer("top_k").orElse(50),
        options.number("top_p").orElse(1.0),
        options.number("min_p"),
        options.number("typical_p").orElse(1.0),
        options.number("epsilon_cutoff").orElse(0.0),
        options.number("eta_cutoff").orElse(0.0));
  }

  /// Refuses values outside their ranges.
  void check(JsonObject options) {
    inside(
        options,
        "temperature",
        (float) temperature > 0,
        "above 0 in float32; for the likeliest token leave do_sample out",
        temperature);
    topH.ifPresent(h -> inside(options, "top_h", h > 0 && h <= 1, "above 0 and at most 1", h));
    inside(options, "top_k", topK >= 0, "at least 0", topK);
    inside(options, "top_p", topP >= 0 && topP <= 1, "from 0 to 1", topP);
    minP.ifPresent(p -> inside(options, "min_p", p >= 0 && p <= 1, "from 0 to 1", p));
    inside(options, "typical_p", typicalP > 0, "above 0", typicalP);
    inside(
        options,
        "epsilon_cutoff",
        epsilonCutoff >= 0 && epsilonCutoff < 1,
        "from 0 to below 1",
        epsilonCutoff);
    inside(options, "eta_cutoff", etaCutoff >= 0 && etaCutoff < 1, "from 0 to below 1", etaCutoff);
  }

  private static void inside(
      JsonObject options, String key, boolean fits, String range, Object value) {
    if (!fits) {
      throw options.wrong(key, range, value);
    }
  }
}
