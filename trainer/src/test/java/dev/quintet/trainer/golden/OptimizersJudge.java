package dev.quintet.trainer.golden;

import dev.quintet.core.shape.Device;
import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.Parameter;
import dev.quintet.core.tensor.Scope;
import dev.quintet.core.tensor.Tensor;
import dev.quintet.models.json.JsonObject;
import dev.quintet.trainer.optim.Ema;
import dev.quintet.trainer.optim.Optimizer;
import dev.quintet.trainer.optim.OptimizerSettings;
import dev.quintet.trainer.optim.Sgd;
import dev.quintet.trainer.optim.Updates;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ObjLongConsumer;

/// Parameters after some steps of PyTorch's, timm's and others' optimizers, and an average of weights.
final class OptimizersJudge implements GoldenJudge {
  private static final double EMA_NEAR = 2e-6;
  private static final String BLOCK = "encoder.block.0.";

  /// What does not belong to an optimizer's own settings.
  private static final List<String> ELSEWHERE = List.of("weight_decay", "max_grad_norm");

  @Override
  public int check(JsonObject file) {
    Recorded.form(file, "optimizers", "cases", "ema", "factor", "gradients", "rates", "start");
    JsonObject start = file.required("start", JsonObject::object);
    List<JsonObject> gradients = Recorded.objects(file, "gradients");
    double[] factor = Recorded.numbers(file, "factor");
    Recorded.same("factors", gradients.size(), factor.length);
    List<JsonObject> cases = Recorded.objects(file, "cases");
    for (int i = 0; i < cases.size(); i++) {
      optimizer("case " + i, cases.get(i), start, gradients, factor);
    }
    average(file.required("ema", JsonObject::object), start, gradients, factor);
    return cases.size() + 1;
  }

  private static void optimizer(
      String number,
      JsonObject one,
      JsonObject start,
      List<JsonObject> gradients,
      double[] factor) {
    String name = one.required("name", JsonObject::string);
    String where = number + " (" + name + ")";
    Recorded.form(
        one, where, "after", "name", "options", "parameters", "rate", "source", "tolerance");
    JsonObject options = one.required("options", JsonObject::object);
    JsonObject after = one.required("after", JsonObject::object);
    double tolerance = Recorded.number(one, "tolerance");
    double decay = options.number("weight_decay").orElse(0.0);
    double clip = options.number("max_grad_norm").orElse(Double.POSITIVE_INFINITY);
    var run =
        new Run(
            constants(name, options),
            Recorded.strings(one, "parameters"),
            decay,
            clip,
            Recorded.number(one, "rate"));
    int[] seen = new int[1];
    run.steps(
        start,
        gradients,
        factor,
        (parameters, step) -> {
          String key = String.valueOf(step);
          if (after.has(key)) {
            seen[0]++;
            near(
                where + " after " + step,
                after.required(key, JsonObject::object),
                parameters,
                tolerance);
          }
        });
    Recorded.same(where + ": recorded steps", after.keys().size(), seen[0]);
  }

  private static Optimizer.Options constants(String name, JsonObject options) {
    var own = new HashMap<String, Object>();
    for (String key : options.keys()) {
      if (!ELSEWHERE.contains(key)) {
        own.put(key, options.value(key).orElseThrow());
      }
    }
    own.put("name", name.equals("muon_bf16") ? "muon" : name);
    return OptimizerSettings.of(JsonObject.of(own));
  }

  private static void average(
      JsonObject ema, JsonObject start, List<JsonObject> gradients, double[] factor) {
    var known = new ArrayList<>(ema.keys());
    known.removeAll(List.of("decay", "rule"));
    Recorded.same("ema: what is recorded", 1, known.size());
    String key = known.getFirst();
    if (!key.matches("after_[0-9]+")) {
      throw new AssertionError("ema: unknown key " + key);
    }
    int last = Integer.parseInt(key.substring("after_".length()));
    var plain = new Sgd.Options(0, 0, false);
    var run = new Run(plain, List.copyOf(start.keys()), 0, Double.POSITIVE_INFINITY, Double.NaN);
    run.averaged(
        start,
        gradients.subList(0, last),
        new Ema.Options(Recorded.number(ema, "decay"), false),
        averages -> near("ema " + key, ema.required(key, JsonObject::object), averages, EMA_NEAR));
  }

  private static void near(
      String where, JsonObject recorded, Map<String, Parameter> got, double tolerance) {
    for (String name : recorded.keys()) {
      double[] values = flat(recorded, name);
      float[] mine = Optional.ofNullable(got.get(BLOCK + name)).orElseThrow().toFloats();
      Recorded.same(where + ", elements of " + name, values.length, mine.length);
      double largest = 0;
      for (double value : values) {
        largest = Math.max(largest, Math.abs(value));
      }
      for (int i = 0; i < values.length; i++) {
        Recorded.within(
            where + ", " + name + "[" + i + "]", values[i], mine[i], tolerance * largest);
      }
    }
  }

  private static double[] flat(JsonObject in, String name) {
    List<?> rows = in.required(name, JsonObject::list);
    return rows.getFirst() instanceof List<?>
        ? rows.stream()
            .flatMapToDouble(row -> java.util.Arrays.stream(Recorded.numbers((List<?>) row)))
            .toArray()
        : Recorded.numbers(rows);
  }

  private static Shape shape(JsonObject in, String name) {
    List<?> rows = in.required(name, JsonObject::list);
    return rows.getFirst() instanceof List<?> row
        ? Shape.of(rows.size(), row.size())
        : Shape.of(rows.size());
  }

  private static float[] floats(double[] values) {
    float[] floats = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      floats[i] = (float) values[i];
    }
    return floats;
  }

  /// Steps of an optimizer over the recorded gradients.
  private record Run(
      Optimizer.Options constants, List<String> names, double decay, double clip, double rate) {

    void steps(
        JsonObject start,
        List<JsonObject> gradients,
        double[] factor,
        ObjLongConsumer<Map<String, Parameter>> after) {
      Map<String, Parameter> parameters = parameters(start);
      try (Optimizer optimizer = constants.create();
          var updates = new Updates(parameters, optimizer, n -> decay, n -> 1, clip)) {
        for (int s = 0; s < gradients.size(); s++) {
          step(parameters, gradients.get(s), updates, rate * 10 * factor[s]);
          after.accept(parameters, s + 1);
        }
      } finally {
        parameters.values().forEach(Parameter::close);
      }
    }

    void averaged(
        JsonObject start,
        List<JsonObject> gradients,
        Ema.Options options,
        java.util.function.Consumer<Map<String, Parameter>> after) {
      Map<String, Parameter> parameters = parameters(start);
      try (Optimizer optimizer = constants.create();
          var ema = new Ema(options, parameters);
          var updates = new Updates(parameters, optimizer, n -> decay, n -> 1, clip)) {
        for (JsonObject gradient : gradients) {
          ema.begin();
          step(parameters, gradient, updates, 0.1);
          ema.update();
        }
        try (var _ = ema.swappedIn()) {
          after.accept(parameters);
        }
      } finally {
        parameters.values().forEach(Parameter::close);
      }
    }

    private Map<String, Parameter> parameters(JsonObject start) {
      var parameters = new LinkedHashMap<String, Parameter>();
      for (String name : names) {
        Parameter parameter = Parameter.empty(shape(start, name), Device.cpu());
        parameter.set(floats(flat(start, name)));
        parameters.put(BLOCK + name, parameter);
      }
      return parameters;
    }

    private void step(
        Map<String, Parameter> parameters, JsonObject gradient, Updates updates, double at) {
      try (var _ = Scope.open(Device.cpu())) {
        for (String name : names) {
          Parameter parameter = Optional.ofNullable(parameters.get(BLOCK + name)).orElseThrow();
          Tensor by = Tensor.of(parameter.shape(), floats(flat(gradient, name)));
          parameter.multiply(by).sum().backward();
        }
      }
      updates.apply(at).outcome();
      parameters.values().forEach(Parameter::zeroGradient);
    }
  }
}
