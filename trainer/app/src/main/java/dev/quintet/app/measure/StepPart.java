package dev.quintet.app.measure;

import dev.quintet.app.estimate.Chip;
import dev.quintet.app.estimate.Estimate;
import dev.quintet.app.estimate.ModelSize;
import dev.quintet.app.estimate.SpeedTable;
import dev.quintet.core.backend.Backends;
import dev.quintet.core.backend.Queue;
import dev.quintet.core.instrument.Cost;
import dev.quintet.core.shape.DType;
import dev.quintet.core.shape.Device;
import dev.quintet.models.t5.T5;
import dev.quintet.models.t5.T5Config;
import dev.quintet.trainer.data.Batch;
import dev.quintet.trainer.loop.SteadySteps;
import dev.quintet.trainer.loop.StepWalk;
import dev.quintet.trainer.optim.Updates;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// Whole training steps of T5 v1.1 in bfloat16 with AdamW, 48 rows of 512 and 128 tokens, as a graph where the device takes
/// them down; the estimate of the same step beside it.
final class StepPart {
  /// One that makes gradients and moments, one that is taken down, one more.
  private static final int WARM = 3;

  private final Part.Setting setting;
  private final Ceilings ceilings;

  private StepPart(Part.Setting setting) {
    this.setting = setting;
    this.ceilings = Ceilings.of(setting);
  }

  static Map<String, Object> run(Part.Setting setting) {
    var part = new StepPart(setting);
    var figures = new LinkedHashMap<String, Object>(part.ceilings.figures(setting.toy()));
    figures.put("products_are", Backends.of(Device.cuda(0)).details().getOrDefault("products", ""));
    if (setting.toy()) {
      figures.put("toy", part.step(Models.TOY, ModelSize.SMALL, 4, 16, 8, 3));
      return figures;
    }
    for (ModelSize size : ModelSize.values()) {
      String name = size.name().toLowerCase(Locale.ROOT);
      figures.put(name, part.step(size.config(true), size, 48, 512, 128, 10));
      setting.soFar().accept(figures);
    }
    return figures;
  }

  private Map<String, Object> step(
      T5Config config, ModelSize size, int rows, int source, int target, int count) {
    Queue queue = Backends.of(Device.cuda(0)).queue();
    var figures = new LinkedHashMap<String, Object>();
    var moments = new ArrayList<Queue.Moment>();
    try (T5 model = Models.random(config);
        var steps = new SteadySteps(model, true)) {
      Batch batch = steps.batch(rows, source, target);
      for (int i = 0; i < WARM; i++) {
        steps.step(batch).outcome();
      }
      moments.add(queue.moment());
      var applied = new ArrayList<Updates.Applied>();
      for (int i = 0; i < count; i++) {
        applied.add(steps.step(batch));
        moments.add(queue.moment());
      }
      double[] seconds = new double[count];
      Arrays.setAll(seconds, i -> moments.get(i + 1).since(moments.get(i)) / 1e9);
      Arrays.sort(seconds);
      double median = seconds[count / 2];
      List<Cost> costs = costs(config, rows, source, target);
      double rate = Estimate.modelFlops(costs) / median / 1e12;
      Chip chip = Models.chip();
      figures.put("graph", steps.repeats());
      figures.put("rows", rows);
      figures.put("milliseconds", median * 1e3);
      figures.put("fastest_milliseconds", seconds[0] * 1e3);
      figures.put("tokens_per_second", rows * (source + target) / median);
      figures.put("model_tflops", rate);
      figures.put("share_of_peak", rate / ceilings.product());
      figures.put(
          "estimated_milliseconds_of_" + chip.name().toLowerCase(Locale.ROOT),
          1e3 * Estimate.of(costs, SpeedTable.of(chip, size, true)).seconds());
      figures.put("loss", applied.getLast().outcome().loss());
    } finally {
      moments.forEach(Queue.Moment::close);
    }
    return figures;
  }

  private static List<Cost> costs(T5Config config, int rows, int source, int target) {
    try (var walk = new StepWalk(config, DType.BF16)) {
      walk.step(rows, source, target); // makes gradients and moments
      return walk.step(rows, source, target).costs();
    }
  }
}
