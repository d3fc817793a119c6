package dev.quintet.app.demo;

import dev.quintet.models.text.TextToText;
import dev.quintet.tokenizers.Tokenizer;
import dev.quintet.trainer.data.Examples;
import dev.quintet.trainer.objective.CorruptedText;
import dev.quintet.trainer.objective.SpanCorruption;
import dev.quintet.trainer.schedule.Freezing;
import java.nio.file.Path;
import java.util.List;

/// The same budget spent otherwise: a fifth of it on span corruption of the same code, then naming, once with everything
/// trained and once with the encoder frozen.
final class PretrainingComparison {
  static final String PRETRAIN = "compare-pretrain";
  static final String FULL = "compare-pretrained";
  static final String FROZEN = "compare-encoder-frozen";
  private static final int SCORED = 4_000;

  private final DemoRun run;
  private final MethodSplit methods;
  private final Tokenizer tokenizer;
  private final PlanRecord record;

  PretrainingComparison(DemoRun run, MethodSplit methods, Tokenizer tokenizer, PlanRecord record) {
    this.run = run;
    this.methods = methods;
    this.tokenizer = tokenizer;
    this.record = record;
  }

  /// Does what is not done yet; false if it was stopped.
  boolean run() {
    return pretrain()
        && name(FULL, "Naming after span corruption", Freezing.NONE)
        && name(FROZEN, "Naming after span corruption, encoder frozen", Freezing.of("encoder.*"));
  }

  private boolean pretrain() {
    if (run.result(PRETRAIN).isPresent()) {
      return true;
    }
    var corruption =
        new SpanCorruption(
            0.15,
            3,
            tokenizer.eosId().orElseThrow(),
            i -> tokenizer.sentinelId(i).orElseThrow(),
            DemoRecipe.SENTINELS);
    List<int[]> documents =
        methods.train().stream().map(m -> tokenizer.encode(m.source(), false).ids()).toList();
    var text =
        new CorruptedText(documents, corruption, DemoRecipe.MAX_SOURCE, run.arguments().seed());
    try (TextToText model = run.create(record.width(), tokenizer)) {
      return train(
          PRETRAIN,
          "Pre-training by span corruption",
          model,
          Math.max(1, steps() / 5),
          Freezing.NONE,
          text);
    }
  }

  private boolean name(String phase, String title, Freezing freezing) {
    if (run.result(phase + "-score").isPresent()) {
      return true;
    }
    if (run.result(phase).isEmpty()) {
      try (TextToText model = TextToText.load(folder(PRETRAIN).resolve("best"), run.device())) {
        long steps = Math.max(1, steps() - steps() / 5);
        if (!train(phase, title, model, steps, freezing, run.train(methods, tokenizer))) {
          return false;
        }
      }
    }
    score(phase);
    return true;
  }

  private boolean train(
      String phase,
      String title,
      TextToText model,
      long steps,
      Freezing freezing,
      Examples examples) {
    return run.training(
        DemoTraining.in(
            folder(phase),
            phase,
            title,
            model,
            run.plan(model.model(), steps, freezing),
            examples));
  }

  private void score(String phase) {
    List<MethodExample> test = DemoRun.sample(methods.test(), SCORED, run.arguments().seed());
    run.score(phase + "-score", "Scoring it", folder(phase), DemoRun.pairs(test));
  }

  /// What the naming task itself took.
  private long steps() {
    return record.last().orElseThrow().steps();
  }

  private Path folder(String phase) {
    return run.folder().path("compare").resolve(phase);
  }
}
