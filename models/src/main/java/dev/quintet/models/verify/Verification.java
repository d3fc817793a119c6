package dev.quintet.models.verify;

import dev.quintet.core.io.AtomicDirectory;
import dev.quintet.core.shape.Device;
import dev.quintet.models.t5.Architecture;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/// The comparison of a whole folder with what is computed here.
///
/// @param rows one line for each quantity
public record Verification(List<Comparison> rows) {
  private static final Set<String> MODEL_FILES =
      Set.of(
          "config.json",
          "generation_config.json",
          "model.safetensors",
          "model.safetensors.index.json",
          "README.md",
          AtomicDirectory.MANIFEST); // of what this program wrote

  /// Copies the lines.
  public Verification {
    rows = List.copyOf(rows);
  }

  /// The checks of this module: forward, backward, generation.
  public static List<Check> checks() {
    return List.of(
        new ForwardBackwardCheck(),
        new GenerationCheck(),
        new AdapterForwardCheck(),
        new AdapterGradientCheck());
  }

  /// The check of a model whose weights are rounded to bfloat16: by norm outputs are held to
  /// 2e-2, losses to 1e-2, gradients to 5e-2,
  /// or 1e-1 with ReLU.
  public static List<Check> narrow() {
    return List.of(new NarrowCheck());
  }

  /// Recomputes what the folder holds.
  ///
  /// @param folder `config.json`, weights and recordings; for adapters see [Golden#of]
  /// @param device where to recompute
  /// @param checks what can be recomputed, such as [#checks()]
  /// @return one line for each quantity, and one for each file that no check knows
  /// @throws dev.quintet.models.checkpoint.CheckpointException if the folder holds no whole model
  public static Verification of(Path folder, Device device, List<Check> checks) {
    return of(new Golden(folder, device), checks);
  }

  /// Recomputes what a folder of a model or an adapter holds.
  ///
  /// @param golden the folder
  /// @param checks what can be recomputed, such as [#checks()]
  /// @return one line for each quantity, and one for each file that no check knows
  /// @throws dev.quintet.models.checkpoint.CheckpointException if there is no whole model
  public static Verification of(Golden golden, List<Check> checks) {
    var rows = new ArrayList<>(recomputed(golden, checks).rows());
    var known = new HashSet<>(MODEL_FILES);
    checks.forEach(check -> known.addAll(check.files()));
    for (String file : files(golden.folder())) {
      if (!known.contains(file) && !file.matches("model-\\d+-of-\\d+\\.safetensors")) {
        rows.add(Comparison.unsupported(file));
      }
    }
    return new Verification(rows);
  }

  /// Recomputes what of the folder the checks are for, and passes over all else.
  ///
  /// @return one line for each quantity; a failure for each recording that has lost one of its files
  /// @throws dev.quintet.models.checkpoint.CheckpointException if the folder holds no whole model
  public static Verification recomputed(Golden golden, List<Check> checks) {
    Architecture architecture;
    try (var model = golden.any()) {
      architecture = model.architecture();
    }
    var rows = new ArrayList<Comparison>();
    for (Check check : checks) {
      List<String> here = check.files().stream().filter(golden::has).sorted().toList();
      List<String> lost =
          check.files().stream().filter(file -> !golden.has(file)).sorted().toList();
      if (check.signs().stream().noneMatch(golden::has)) {
        continue;
      }
      if (!lost.isEmpty()) {
        Comparison row =
            Comparison.exact(
                String.join(", ", here) + " without " + String.join(", ", lost), false);
        if (!rows.contains(row)) { // two checks may miss the same
          rows.add(row);
        }
      } else if (check.covers(architecture)) {
        rows.addAll(check.run(golden));
      } else {
        here.forEach(
            file -> rows.add(Comparison.unsupported(file + " of a model for " + architecture)));
      }
    }
    return new Verification(rows);
  }

  private static List<String> files(Path folder) {
    try (var entries = Files.list(folder)) {
      return entries
          .filter(Files::isRegularFile)
          .map(path -> path.getFileName().toString())
          .filter(name -> name.endsWith(".json") || name.endsWith(".safetensors"))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot list " + folder + ": " + e, e);
    }
  }

  /// Whether something was compared and nothing failed.
  public boolean passed() {
    return count(Outcome.PASS) > 0 && count(Outcome.FAIL) == 0;
  }

  /// How many lines came out so.
  public long count(Outcome outcome) {
    return rows.stream().filter(row -> row.outcome() == outcome).count();
  }

  /// The lines as a table, with a summary below.
  public String table() {
    int width = Math.max(20, rows.stream().mapToInt(r -> r.quantity().length()).max().orElse(0));
    var out = new StringBuilder();
    String head = "%-" + width + "s  %10s  %10s  %9s  %s%n";
    out.append(
        String.format(Locale.ROOT, head, "quantity", "absolute", "relative", "tolerance", ""));
    for (Comparison row : rows) {
      out.append(
          String.format(
              Locale.ROOT,
              head,
              row.quantity(),
              number(row.absolute()),
              number(row.relative()),
              number(row.tolerance()),
              row.outcome()));
    }
    out.append(
        String.format(
            Locale.ROOT,
            "%d passed, %d failed, %d not supported yet",
            count(Outcome.PASS),
            count(Outcome.FAIL),
            count(Outcome.UNSUPPORTED)));
    if (count(Outcome.NOT_RECORDED) > 0) {
      out.append(", ").append(count(Outcome.NOT_RECORDED)).append(" not recorded");
    }
    out.append(System.lineSeparator());
    return out.toString();
  }

  private static String number(double value) {
    return Double.isNaN(value) ? "-" : value == 0 ? "0" : String.format(Locale.ROOT, "%.2e", value);
  }
}
