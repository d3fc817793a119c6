package dev.quintet.trainer.golden;

import dev.quintet.models.json.JsonObject;
import dev.quintet.trainer.metric.translation.Bleu;
import dev.quintet.trainer.metric.translation.BleuTokenizer;
import dev.quintet.trainer.metric.translation.Smoothing;
import java.util.List;

/// Judges BLEU by sacrebleu's scores, counts, signatures and printed lines.
final class BleuJudge implements GoldenJudge {

  @Override
  public int check(JsonObject file) {
    Recorded.form(file, "bleu", "source", "cases");
    List<JsonObject> cases = Recorded.objects(file, "cases");
    for (int i = 0; i < cases.size(); i++) {
      check("bleu " + i, cases.get(i));
    }
    return cases.size();
  }

  private static void check(String where, JsonObject recorded) {
    boolean corpus = recorded.has("precisions");
    TranslationCase one =
        corpus
            ? TranslationCase.of(
                where, recorded, "counts", "totals", "bp", "hyp_len", "ref_len", "precisions")
            : TranslationCase.of(where, recorded, "counts", "totals", "bp", "hyp_len", "ref_len");
    Bleu bleu = bleu(one);
    Bleu.Score score = bleu.score(one.check(bleu));
    near(where + " counts", Recorded.numbers(recorded, "counts"), score.counts());
    near(where + " totals", Recorded.numbers(recorded, "totals"), score.totals());
    if (corpus) {
      near(where + " precisions", Recorded.numbers(recorded, "precisions"), score.precisions());
    }
    Recorded.near(where + " bp", Recorded.number(recorded, "bp"), score.penalty());
    Recorded.same(where, recorded.required("hyp_len", JsonObject::whole), score.answerLength());
    Recorded.same(where, recorded.required("ref_len", JsonObject::whole), score.referenceLength());
  }

  private static Bleu bleu(TranslationCase one) {
    JsonObject options =
        one.options(
            "tokenize",
            "smooth_method",
            "smooth_value",
            "effective_order",
            "lowercase",
            "max_ngram_order");
    Bleu bleu = Bleu.DEFAULT;
    return bleu.withTokenizer(
            options.string("tokenize").map(BleuTokenizer::named).orElse(bleu.tokenizer()))
        .withSmoothing(smoothing(one.where(), options))
        .withEffectiveOrder(options.bool("effective_order").orElse(false))
        .withLowercase(options.bool("lowercase").orElse(false))
        .withOrder(options.integer("max_ngram_order").orElse(bleu.order()));
  }

  private static Smoothing smoothing(String where, JsonObject options) {
    return switch (options.string("smooth_method").orElse("exp")) {
      case "exp" -> new Smoothing.Exponential();
      case "floor" -> new Smoothing.Floor(options.number("smooth_value").orElse(0.1));
      case "add-k" -> new Smoothing.AddK(options.number("smooth_value").orElse(1.0));
      case "none" -> new Smoothing.None();
      case String other -> throw new AssertionError(where + ": unknown smoothing " + other);
    };
  }

  private static void near(String where, double[] recorded, double[] got) {
    Recorded.same(where + ", how many", recorded.length, got.length);
    for (int n = 0; n < got.length; n++) {
      Recorded.near(where, recorded[n], got[n]);
    }
  }
}
