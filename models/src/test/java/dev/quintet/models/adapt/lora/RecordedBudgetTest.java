package dev.quintet.models.adapt.lora;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.quintet.core.nn.Pass;
import dev.quintet.core.shape.Device;
import dev.quintet.core.tensor.CrossEntropyOptions;
import dev.quintet.core.tensor.Parameter;
import dev.quintet.core.tensor.Scope;
import dev.quintet.core.tensor.Tensor;
import dev.quintet.models.GoldenFolders;
import dev.quintet.models.TinyModels;
import dev.quintet.models.adapt.Adapter;
import dev.quintet.models.adapt.Adapters;
import dev.quintet.models.checkpoint.Checkpoint;
import dev.quintet.models.json.JsonObject;
import dev.quintet.models.t5.T5;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// Which ranks AdaLoRA takes away, step by step, beside what peft took away in the same training.
class RecordedBudgetTest {
  /// Adam without decay of weights, in double precision.
  private static final class Adam {
    private final double rate;
    private final List<Parameter> parameters;
    private final List<double[]> means = new ArrayList<>();
    private final List<double[]> squares = new ArrayList<>();

    Adam(double rate, List<Parameter> parameters) {
      this.rate = rate;
      this.parameters = parameters;
      for (Parameter each : parameters) {
        means.add(new double[Math.toIntExact(each.elements())]);
        squares.add(new double[Math.toIntExact(each.elements())]);
      }
    }

    void step(int count) {
      for (int i = 0; i < parameters.size(); i++) {
        float[] values = parameters.get(i).toFloats();
        float[] gradient = parameters.get(i).gradient().toFloats();
        double[] mean = means.get(i);
        double[] square = squares.get(i);
        for (int j = 0; j < values.length; j++) {
          mean[j] = 0.9 * mean[j] + 0.1 * gradient[j];
          square[j] = 0.999 * square[j] + 0.001 * gradient[j] * (double) gradient[j];
          double unbiased = mean[j] / (1 - Math.pow(0.9, count));
          double root = Math.sqrt(square[j] / (1 - Math.pow(0.999, count)));
          values[j] -= (float) (rate * unbiased / (root + 1e-8));
        }
        parameters.get(i).set(values);
      }
    }
  }

  private static Path folder() throws URISyntaxException {
    var file = RecordedBudgetTest.class.getResource("/peft/adalora-budget/budget.json");
    return Objects.requireNonNull(Path.of(Objects.requireNonNull(file).toURI()).getParent());
  }

  private static Tensor rows(JsonObject recorded, String name, int step) {
    return TinyModels.ints(recorded.integerRows(name + "." + step % 2).orElseThrow());
  }

  private static Tensor loss(T5 model, JsonObject recorded, int step) {
    return model
        .loss(
            rows(recorded, "input_ids", step),
            rows(recorded, "attention_mask", step),
            rows(recorded, "labels", step),
            Pass.training(1, step, 0),
            CrossEntropyOptions.MEAN)
        .loss();
  }

  private static String marks(Parameter diagonal) {
    float[] values = diagonal.toFloats();
    return IntStream.range(0, values.length)
        .mapToObj(i -> values[i] == 0 ? "0" : "1")
        .collect(Collectors.joining());
  }

  private static Map<String, String> left(Adapter adapter, List<?> modules) {
    var left = new LinkedHashMap<String, String>();
    adapter
        .parameters()
        .forEach((name, parameter) ->
            modules.stream()
                .filter(module -> name.contains(module + ".lora_E"))
                .forEach(module -> left.put(module.toString(), marks(parameter))));
    return left;
  }

  @Test
  void theRanksThatPeftTakesAwayAreTakenAwayAtTheSameSteps() throws URISyntaxException {
    JsonObject recorded = JsonObject.read(folder().resolve("budget.json"));
    List<?> losses = recorded.list("losses").orElseThrow();
    List<?> expected = recorded.list("left").orElseThrow();
    List<?> modules = recorded.list("modules").orElseThrow();
    try (T5 model = Checkpoint.load(GoldenFolders.of("t5-v1.0"))) {
      Adapters adapters = Adapters.of(model);
      Adapter adapter = adapters.load("recorded", folder());
      adapters.use("recorded");
      adapter.train(true);
      var adam =
          new Adam(
              recorded.number("learning_rate").orElseThrow(),
              List.copyOf(adapter.parameters().values()));
      for (int step = 0; step < losses.size(); step++) {
        adapter.parameters().values().forEach(Parameter::zeroGradient);
        double loss = ((Number) losses.get(step)).doubleValue();
        try (var _ = Scope.open(Device.cpu())) {
          Tensor own = loss(model, recorded, step);
          Tensor whole = adapter.penalty().map(own::add).orElse(own);
          whole.backward();
          assertEquals(loss, whole.item(), 1e-5 * loss, "loss of step " + (step + 1));
          adam.step(step + 1);
          adapter.afterStep(step + 1);
        }
        Map<String, String> left = left(adapter, modules);
        assertEquals(modules.size(), left.size());
        assertEquals(
            expected.get(step),
            modules.stream().map(module -> left.get(module.toString())).toList(),
            "ranks left after step " + (step + 1) + " of " + modules);
      }
      var kept = ((AdaLora) adapter.method()).kept();
      assertEquals(
          expected.getLast(),
          modules.stream()
              .map(module ->
                  kept.getOrDefault(module.toString(), List.of()).stream()
                      .map(one -> one ? "1" : "0")
                      .collect(Collectors.joining()))
              .toList());
    }
  }
}
