package dev.quintet.models.verify;

import dev.quintet.core.io.SafetensorsFile;
import dev.quintet.core.tensor.Parameter;
import dev.quintet.core.tensor.Scope;
import dev.quintet.core.tensor.Tensor;
import dev.quintet.models.t5.Architecture;
import dev.quintet.models.t5.T5Family;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/// Recomputes `forward_backward.safetensors`: encoder states, logits, loss and every gradient of its batches.
///
/// A batch is what stands before the first dot of a name: `short.input_ids`, `short.grad.shared.weight`.
final class ForwardBackwardCheck implements Check {
  private static final String FILE = "forward_backward.safetensors";
  private static final Set<String> INPUTS =
      Set.of(
          "input_ids",
          "attention_mask",
          "decoder_input_ids",
          "labels",
          "start_positions",
          "end_positions",
          "loss");
  private static final String GRADIENT = ".grad.";
  // Two independent float32 computations differ by 1.3e-6, 2.4e-7 and 6.6e-6.
  private static final double STATES = 1e-5;
  private static final double LOSS = 1e-6;
  private static final double GRADIENTS = 1e-4;
  private static final double ROUNDING = 3e-6;

  @Override
  public Set<String> files() {
    return Set.of(FILE);
  }

  @Override
  public boolean covers(Architecture architecture) {
    return true;
  }

  @Override
  public List<Comparison> run(Golden golden) {
    var rows = new ArrayList<Comparison>();
    try (var file = SafetensorsFile.open(golden.file(FILE));
        var model = golden.any()) {
      var batches = new TreeSet<String>(Comparator.reverseOrder());
      for (String name : file.names()) {
        if (name.endsWith(".input_ids")) {
          batches.add(name.substring(0, name.indexOf('.')));
        }
      }
      for (String batch : batches) {
        rows.addAll(batch(file, batch, model, golden));
      }
      if (batches.isEmpty()) {
        rows.add(Comparison.notRecorded(FILE + ": batches, each with its input_ids"));
      }
    }
    return rows;
  }

  private static List<Comparison> batch(
      SafetensorsFile file, String batch, T5Family model, Golden golden) {
    var rows = new ArrayList<Comparison>();
    try (var _ = Scope.openWithoutGradients(golden.device())) {
      Recomputed found = Recomputed.of(model, file, batch);
      for (Recomputed.Output output : found.outputs()) {
        String recorded = batch + "." + output.name();
        if (file.contains(recorded)) {
          rows.add(
              Comparison.of(
                  batch + " " + output.words(),
                  file.floats(recorded),
                  output.tensor().toFloats(),
                  output.counts(),
                  STATES));
        }
      }
      String loss = batch + ".loss";
      if (file.contains(loss)) {
        rows.add(
            found
                .loss()
                .map(value ->
                    Comparison.of(
                        batch + " loss", file.floats(loss), new float[] {value.item()}, LOSS))
                .orElse(Comparison.unsupported(batch + " loss: the batch has no labels")));
      }
      rows.addAll(unknown(file, batch, found));
    }
    rows.addAll(gradients(file, batch, model, golden));
    return rows;
  }

  /// What stands in the batch and is neither an input nor computed here.
  private static List<Comparison> unknown(SafetensorsFile file, String batch, Recomputed found) {
    var known = new HashSet<>(INPUTS);
    found.outputs().forEach(output -> known.add(output.name()));
    String prefix = batch + ".";
    return file.names().stream()
        .filter(name -> name.startsWith(prefix) && !name.startsWith(batch + GRADIENT))
        .filter(name -> !known.contains(name.substring(prefix.length())))
        .map(Comparison::unsupported)
        .toList();
  }

  private static List<Comparison> gradients(
      SafetensorsFile file, String batch, T5Family model, Golden golden) {
    Map<String, Parameter> parameters = model.parameters();
    List<Comparison> compared = backward(file, batch, model, parameters, golden);
    var flipped = new HashSet<ReluKinks.Kink>();
    if (failures(compared) > 0) {
      try (var kinks = new ReluKinks(model)) {
        compared = otherSides(file, batch, model, parameters, golden, kinks, flipped);
      }
    }
    if (compared.isEmpty()) {
      return file.contains(batch + ".loss")
          ? List.of(Comparison.notRecorded(batch + " gradients"))
          : List.of();
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
            batch
                + " gradients of "
                + compared.size()
                + (compared.size() < parameters.size() ? " of " + parameters.size() : "")
                + " parameters; worst: "
                + most
                + sides,
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
      T5Family model,
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
      T5Family model,
      Map<String, Parameter> parameters,
      Golden golden) {
    parameters.values().forEach(Parameter::zeroGradient);
    try (var _ = Scope.open(golden.device())) {
      Recomputed.of(model, file, batch).loss().ifPresent(Tensor::backward);
    }
    String prefix = batch + GRADIENT;
    var recorded = new TreeMap<String, float[]>();
    file.names().stream()
        .filter(name -> name.startsWith(prefix))
        .forEach(name -> recorded.put(name, file.floats(name)));
    double largest =
        recorded.values().stream().mapToDouble(ForwardBackwardCheck::magnitude).max().orElse(0);
    var all = new ArrayList<Comparison>();
    recorded.forEach((name, values) -> {
      Parameter parameter = parameters.get(name.substring(prefix.length()));
      all.add(
          parameter == null
              ? Comparison.exact(name + ": the model has no such parameter", false)
              : gradient(name, values, parameter, largest));
    });
    return all;
  }

  private static double magnitude(float[] values) {
    double most = 0;
    for (float value : values) {
      most = Math.max(most, Math.abs(value));
    }
    return most;
  }

  /// Compares with the tensor's own largest magnitude, except that a gradient that is zero but for rounding, such as
  /// that of a bias under a softmax, is compared with the largest of all.
  private static Comparison gradient(
      String name, float[] recorded, Parameter parameter, double largest) {
    float[] computed =
        parameter.hasGradient()
            ? parameter.gradient().toFloats()
            : new float[(int) parameter.elements()];
    Comparison own = Comparison.of(name, recorded, computed, GRADIENTS);
    return magnitude(recorded) > ROUNDING * largest
        ? own
        : Comparison.of(name, own.absolute(), ROUNDING / GRADIENTS * largest, GRADIENTS);
  }
}
