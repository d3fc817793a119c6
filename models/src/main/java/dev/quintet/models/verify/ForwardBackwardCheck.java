package dev.quintet.models.verify;

import dev.quintet.core.io.SafetensorsFile;
import dev.quintet.core.nn.Pass;
import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.CrossEntropyOptions;
import dev.quintet.core.tensor.Parameter;
import dev.quintet.core.tensor.Scope;
import dev.quintet.core.tensor.Tensor;
import dev.quintet.models.t5.T5;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/// Recomputes `forward_backward.safetensors`: encoder states, logits, loss and every gradient of its batches.
///
/// A batch is what stands before the first dot of a name: `short.input_ids`, `short.grad.shared.weight`.
final class ForwardBackwardCheck implements Check {
  private static final String FILE = "forward_backward.safetensors";
  private static final String GRADIENT = ".grad.";
  // Two independent float32 computations differ by 1.3e-6, 2.4e-7 and 6.6e-6.
  private static final double STATES = 1e-5;
  private static final double LOSS = 1e-6;
  private static final double GRADIENTS = 1e-4;

  @Override
  public Set<String> files() {
    return Set.of(FILE);
  }

  @Override
  public List<Comparison> run(Golden golden) {
    var rows = new ArrayList<Comparison>();
    try (var file = SafetensorsFile.open(golden.file(FILE));
        var model = golden.model()) {
      var batches = new TreeSet<String>(Comparator.reverseOrder());
      for (String name : file.names()) {
        if (name.endsWith(".input_ids")) {
          batches.add(name.substring(0, name.indexOf('.')));
        }
      }
      for (String batch : batches) {
        rows.addAll(batch(file, batch, model, golden));
      }
    }
    return rows;
  }

  private static List<Comparison> batch(
      SafetensorsFile file, String batch, T5 model, Golden golden) {
    var rows = new ArrayList<Comparison>();
    try (var _ = Scope.openWithoutGradients(golden.device())) {
      Tensor ids = ints(file, batch + ".input_ids");
      Tensor mask = ints(file, batch + ".attention_mask");
      Tensor labels = ints(file, batch + ".labels");
      int[] real = mask.toInts();
      int[] targets = labels.toInts();
      int width = model.config().modelWidth();
      int vocabulary = model.config().vocabSize();

      String states = batch + ".encoder_last_hidden_state";
      if (file.contains(states)) {
        rows.add(
            Comparison.of(
                batch + " encoder states",
                file.floats(states),
                model.encode(ids, mask, Pass.inference()).toFloats(),
                i -> real[i / width] != 0,
                STATES));
      }
      T5.Result result = model.loss(ids, mask, labels, Pass.inference(), CrossEntropyOptions.MEAN);
      rows.add(
          Comparison.of(
              batch + " logits",
              file.floats(batch + ".logits"),
              result.logits().toFloats(),
              i -> targets[i / vocabulary] != -100,
              STATES));
      rows.add(
          Comparison.of(
              batch + " loss",
              file.floats(batch + ".loss"),
              new float[] {result.loss().item()},
              LOSS));
    }
    rows.addAll(gradients(file, batch, model, golden));
    return rows;
  }

  private static List<Comparison> gradients(
      SafetensorsFile file, String batch, T5 model, Golden golden) {
    Map<String, Parameter> parameters = model.parameters();
    List<Comparison> compared = backward(file, batch, model, parameters, golden);
    var flipped = new HashSet<ReluKinks.Kink>();
    if (failures(compared) > 0) {
      try (var kinks = new ReluKinks(model)) {
        compared = otherSides(file, batch, model, parameters, golden, kinks, flipped);
      }
    }
    if (compared.isEmpty()) {
      return List.of();
    }
    Comparison worst =
        compared.stream().max(Comparator.comparingDouble(Comparison::relative)).orElseThrow();
    String most =
        worst.quantity().substring(worst.quantity().indexOf(GRADIENT) + GRADIENT.length());
    String sides =
        flipped.isEmpty()
            ? ""
            : "; ReLU inputs within rounding of 0, other side: " + flipped.size();
    var rows = new ArrayList<Comparison>();
    rows.add(
        new Comparison(
            batch + " gradients of " + compared.size() + " parameters; worst: " + most + sides,
            worst.absolute(),
            worst.relative(),
            GRADIENTS,
            failures(compared) == 0 ? Outcome.PASS : Outcome.FAIL));
    compared.stream().filter(row -> row.outcome() == Outcome.FAIL).forEach(rows::add);
    return rows;
  }

  /// Where the input of a ReLU is nearer 0 than rounding reaches, either side's gradient is right: looks for the sides
  /// that the recording was on, nearest first, and keeps what makes all gradients agree; else nothing.
  private static List<Comparison> otherSides(
      SafetensorsFile file,
      String batch,
      T5 model,
      Map<String, Parameter> parameters,
      Golden golden,
      ReluKinks kinks,
      Set<ReluKinks.Kink> flipped) {
    List<Comparison> original = backward(file, batch, model, parameters, golden);
    List<ReluKinks.Kink> found = List.copyOf(kinks.found());
    double best = distance(original);
    var chosen = new HashSet<ReluKinks.Kink>();
    for (ReluKinks.Kink kink : found) {
      var attempt = new HashSet<>(chosen);
      attempt.add(kink);
      kinks.flip(attempt);
      List<Comparison> compared = backward(file, batch, model, parameters, golden);
      if (failures(compared) == 0) {
        flipped.addAll(attempt);
        return compared;
      }
      if (distance(compared) < best) {
        best = distance(compared);
        chosen.add(kink);
      }
    }
    return original;
  }

  private static long failures(List<Comparison> rows) {
    return rows.stream().filter(row -> row.outcome() == Outcome.FAIL).count();
  }

  private static double distance(List<Comparison> rows) {
    return rows.stream().mapToDouble(Comparison::relative).sum();
  }

  private static List<Comparison> backward(
      SafetensorsFile file,
      String batch,
      T5 model,
      Map<String, Parameter> parameters,
      Golden golden) {
    parameters.values().forEach(Parameter::zeroGradient);
    try (var _ = Scope.open(golden.device())) {
      model
          .loss(
              ints(file, batch + ".input_ids"),
              ints(file, batch + ".attention_mask"),
              ints(file, batch + ".labels"),
              Pass.inference(),
              CrossEntropyOptions.MEAN)
          .loss()
          .backward();
    }
    String prefix = batch + GRADIENT;
    var all = new ArrayList<Comparison>();
    for (String name : file.names()) {
      if (name.startsWith(prefix)) {
        Parameter parameter = parameters.get(name.substring(prefix.length()));
        all.add(
            parameter == null
                ? Comparison.exact(name + ": the model has no such parameter", false)
                : gradient(name, file.floats(name), parameter));
      }
    }
    return all;
  }

  private static Comparison gradient(String name, float[] recorded, Parameter parameter) {
    float[] computed =
        parameter.hasGradient()
            ? parameter.gradient().toFloats()
            : new float[(int) parameter.elements()];
    return Comparison.of(name, recorded, computed, GRADIENTS);
  }

  private static Tensor ints(SafetensorsFile file, String name) {
    Shape shape = file.entry(name).shape();
    return Tensor.ofInts(shape, file.ints(name));
  }
}
