package dev.quintet.app.demo;

import dev.quintet.core.tensor.Parameter;
import dev.quintet.models.t5.T5;
import dev.quintet.models.t5.T5Config;
import dev.quintet.tokenizers.Tokenizer;
import dev.quintet.trainer.loop.TrainingPlan;
import dev.quintet.trainer.optim.AdamW;
import dev.quintet.trainer.optim.UpdateRule;
import dev.quintet.trainer.schedule.Freezing;
import dev.quintet.trainer.schedule.LearningRate;
import java.util.HashMap;
import java.util.Map;

/// The numbers of the demo, found by experiment on the JDK's own sources.
final class DemoRecipe {
  /// The same split for every seed, so that scores of different seeds compare. Of ten splits of the JDK's classes this
  /// one's validation and test parts are most alike: the constant guess scores 12.9 on one and 12.8 on the other.
  static final long SPLIT_SEED = 5;

  static final int VOCABULARY = 4096;
  static final int TOKENIZER_SOURCES = 40_000;
  static final int SENTINELS = 100;
  static final int MAX_SOURCE = 48;
  static final int MAX_TARGET = 12;
  static final int BATCH = 32;

  static final int LARGER = 96;

  static final int SMALLER = 64;

  /// About what two cores do: what has to be known before anything is timed follows from it.
  static final double STEPS_PER_MINUTE = 3000;

  static final double TIMED_PER_MINUTE = 150;

  static final long FEWEST_TAG_STEPS = 30;

  /// Sorting more batches together pads less but makes batches too alike: pools of 50 pad 4 % less and end 0.036 nats higher.
  private static final int POOL = 16;

  private static final double PEAK = 0.03;
  private static final double CAP = 0.2; // of what is no embedding
  private static final int ROW_MULTIPLE = 128;

  private DemoRecipe() {}

  /// A small T5 v1.0: ReLU, tied, no dropout.
  ///
  /// @param width D, 96 or 64
  static T5Config config(int width, Tokenizer tokenizer) {
    int rows = (tokenizer.vocabularySize() + ROW_MULTIPLE - 1) / ROW_MULTIPLE * ROW_MULTIPLE;
    int heads = 4;
    return T5Config.small()
        .withVocabSize(rows)
        .withWidths(width, width / heads, heads, 4 * width)
        .withLayers(2, 2)
        .withDropout(0)
        .withIds(
            tokenizer.padId().orElse(0), tokenizer.eosId().orElse(1), tokenizer.padId().orElse(0));
  }

  /// D for a budget: under two minutes the smaller model sees enough examples to be the better one.
  static int width(double minutes) {
    return minutes < 2 ? SMALLER : LARGER;
  }

  /// Steps, rates and the rest.
  static TrainingPlan plan(T5 model, long steps, long seed, long saveEvery, Freezing freezing) {
    return plan(model, steps, seed, saveEvery, freezing, PEAK);
  }

  /// The same with another peak of the rate, for a model that has learned before.
  static TrainingPlan plan(
      T5 model, long steps, long seed, long saveEvery, Freezing freezing, double peak) {
    var rate = new LearningRate(LearningRate.Shape.COSINE, peak, Math.max(1, steps / 20), 0.02);
    return TrainingPlan.of(steps, BATCH, rate, seed)
        .withPoolBatches(POOL)
        .withUpdate(new UpdateRule(0.01, rates(model)), new AdamW.Options(0.9, 0.98, 1e-8), 1)
        .withFreezing(freezing)
        .withPad(model.config().padId())
        .withEvery(saveEvery, Math.max(1, (steps + 7) / 8));
  }

  /// Steps between checkpoints where none are asked for.
  static long saveEvery(T5 model) {
    return TrainingPlan.minuteOfSteps(
        model.parameterCount(), (long) BATCH * (MAX_SOURCE + MAX_TARGET));
  }

  /// Each tensor learns in proportion to the size of its numbers at the start; norms and the like are
  /// held to a fifth of the embedding's rate.
  private static Map<String, Double> rates(T5 model) {
    T5Config config = model.config();
    double width = Math.pow(config.modelWidth(), -0.5);
    var rates = new HashMap<String, Double>();
    for (Map.Entry<String, Parameter> entry : model.parameters().entrySet()) {
      String name = entry.getKey();
      if (!name.equals("shared.weight")) {
        rates.put(name, Math.min(CAP, deviation(name, config, width)));
      }
    }
    return rates;
  }

  private static double deviation(String name, T5Config config, double width) {
    if (name.contains("layer_norm")) {
      return 1;
    }
    if (name.endsWith("Attention.q.weight")) {
      return width * Math.pow(config.headWidth(), -0.5);
    }
    if (name.endsWith("Attention.o.weight")) {
      return Math.pow(config.attentionWidth(), -0.5);
    }
    return name.endsWith(".wo.weight") ? Math.pow(config.innerWidth(), -0.5) : width;
  }
}
