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
import java.util.Optional;
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
    String prefix = batch + GRADIENT;
    var recorded = new TreeMap<String, float[]>();
    file.names().stream()
        .filter(name -> name.startsWith(prefix))
        .forEach(name -> recorded.put(name, file.floats(name)));
    Map<String, Parameter> parameters = model.parameters();
    var gradients =
        new RecordedGradients(
            model,
            recorded,
            name -> Optional.ofNullable(parameters.get(name.substring(prefix.length()))),
            () -> {
              try (var _ = Scope.open(golden.device())) {
                Recomputed.of(model, file, batch).loss().ifPresent(Tensor::backward);
              }
            });
    if (recorded.isEmpty()) {
      return file.contains(batch + ".loss")
          ? List.of(Comparison.notRecorded(batch + " gradients"))
          : List.of();
    }
    String some = recorded.size() < parameters.size() ? " of " + parameters.size() : "";
    return gradients.compare(
        batch + " gradients of " + recorded.size() + some + " parameters",
        name -> name.substring(prefix.length()));
  }
}
