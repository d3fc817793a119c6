package dev.quintet.models.verify;

import dev.quintet.core.io.SafetensorsFile;
import dev.quintet.core.shape.DType;
import dev.quintet.core.tensor.Parameter;
import dev.quintet.core.tensor.Scope;
import dev.quintet.core.tensor.Tensor;
import dev.quintet.models.t5.Architecture;
import dev.quintet.models.t5.T5Family;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.IntPredicate;

/// Recomputes `forward_backward.safetensors` with weights rounded to bfloat16, by the norm of the difference over the norm of
/// what was recorded: outputs, loss, and all gradients of a batch together.
///
/// The gradient of a ReLU jumps at 0, and inputs within bfloat16's rounding of it are many: of a model that has them,
/// rounding the weights alone moves the gradients by 5e-2, and PyTorch's own bfloat16 is 6e-2 away. So they get twice the room.
final class NarrowCheck implements Check {
  private static final String FILE = "forward_backward.safetensors";
  private static final String GRADIENT = ".grad.";
  private static final double OUTPUTS = 2e-2;
  private static final double LOSS = 1e-2;
  private static final double GRADIENTS = 5e-2;
  private static final double GRADIENTS_OF_RELU = 1e-1;

  /// Times as far as all together may a single gradient be: a small one has more of the rounding.
  private static final double ALONE = 4;

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
      model.to(DType.BF16);
      var batches = new TreeSet<String>(Comparator.reverseOrder());
      for (String name : file.names()) {
        if (name.endsWith(".input_ids")) {
          batches.add(name.substring(0, name.indexOf('.')));
        }
      }
      for (String batch : batches) {
        rows.addAll(outputs(file, batch, model, golden));
        rows.addAll(gradients(file, batch, model, golden));
      }
    }
    return rows;
  }

  private static List<Comparison> outputs(
      SafetensorsFile file, String batch, T5Family model, Golden golden) {
    var rows = new ArrayList<Comparison>();
    try (var _ = Scope.openWithoutGradients(golden.device())) {
      Recomputed found = Recomputed.of(model, file, batch);
      for (Recomputed.Output output : found.outputs()) {
        String recorded = batch + "." + output.name();
        if (file.contains(recorded)) {
          rows.add(
              byNorm(
                  batch + " " + output.words() + ", bfloat16",
                  file.floats(recorded),
                  output.tensor().cast(DType.F32).toFloats(),
                  output.counts(),
                  OUTPUTS));
        }
      }
      String loss = batch + ".loss";
      if (file.contains(loss) && found.loss().isPresent()) {
        float[] computed = {found.loss().get().item()};
        rows.add(Comparison.of(batch + " loss, bfloat16", file.floats(loss), computed, LOSS));
      }
    }
    return rows;
  }

  private static List<Comparison> gradients(
      SafetensorsFile file, String batch, T5Family model, Golden golden) {
    String prefix = batch + GRADIENT;
    List<String> names = file.names().stream().filter(name -> name.startsWith(prefix)).toList();
    if (names.isEmpty()) {
      return List.of();
    }
    model.zeroGradients();
    try (var _ = Scope.open(golden.device())) {
      Recomputed.of(model, file, batch).loss().ifPresent(Tensor::backward);
    }
    boolean jumps = model.config().feedForward().activation().jumpsAtZero();
    double tolerance = jumps ? GRADIENTS_OF_RELU : GRADIENTS;
    double difference = 0;
    double norm = 0;
    Comparison worst = Comparison.exact("", true);
    for (String name : names) {
      Parameter parameter = model.parameters().get(name.substring(prefix.length()));
      if (parameter == null || !parameter.hasGradient()) {
        return List.of(Comparison.exact(name + ": the model has no such gradient", false));
      }
      float[] recorded = file.floats(name);
      Comparison one =
          byNorm(name, recorded, parameter.gradient().toFloats(), _ -> true, tolerance);
      difference += one.absolute() * one.absolute();
      for (float value : recorded) {
        norm += (double) value * value;
      }
      worst = one.relative() <= worst.relative() ? worst : one;
    }
    var rows = new ArrayList<Comparison>();
    if (!(worst.relative() <= ALONE * tolerance)) {
      rows.add(
          Comparison.of(
              worst.quantity(),
              worst.absolute(),
              worst.absolute() / worst.relative(),
              ALONE * tolerance));
    }
    rows.add(
        Comparison.of(
            String.format(
                Locale.ROOT,
                "%s gradients of %d parameters, bfloat16; %.1e alone: %s",
                batch,
                names.size(),
                worst.relative(),
                worst.quantity().substring(Math.min(prefix.length(), worst.quantity().length()))),
            Math.sqrt(difference),
            Math.sqrt(norm),
            tolerance));
    return rows;
  }

  private static Comparison byNorm(
      String quantity, float[] expected, float[] actual, IntPredicate counts, double tolerance) {
    if (expected.length != actual.length) {
      throw new IllegalArgumentException(
          quantity + ": " + expected.length + " values recorded, " + actual.length + " computed");
    }
    double difference = 0;
    double norm = 0;
    for (int i = 0; i < expected.length; i++) {
      if (counts.test(i)) {
        double apart = (double) expected[i] - actual[i];
        difference += apart * apart;
        norm += (double) expected[i] * expected[i];
      }
    }
    return Comparison.of(quantity, Math.sqrt(difference), Math.sqrt(norm), tolerance);
  }
}
