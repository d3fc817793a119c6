package dev.quintet.app.measure;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.reflect.InvocationTargetException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Kernels beside the processor's, and the contract tests of all families on the device: the classes of core's tests that the
/// bundle carries, and JUnit.
final class ContractPart {
  private static final String CONTRACTS = "dev.quintet.core.backend.DeviceContracts$";
  private static final String JUNIT = "org.junit.platform.console.ConsoleLauncher";
  private static final List<String> FAMILIES =
      List.of(
          "Matmul",
          "WideMatmul",
          "Attention",
          "WideAttention",
          "Norm",
          "WideNorm",
          "Loss",
          "WideLoss",
          "Optimizer",
          "WideOptimizer",
          "Gate",
          "WideGate",
          "Dropout",
          "WideDropout",
          "Elementwise",
          "WideElementwise",
          "Reduction",
          "WideReduction",
          "Softmax",
          "WideSoftmax",
          "Selection",
          "WideSelection",
          "Layout",
          "WideLayout",
          "Memory");

  /// What an emulated device comes to an end with.
  private static final List<String> TOY = List.of("Softmax", "Gate", "Dropout");

  private static final Pattern COUNT =
      Pattern.compile("\\[\\s*(\\d+) tests (found|skipped|aborted|successful|failed)\\s*\\]");
  private static final int MOST_LINES = 40;

  private ContractPart() {}

  static Map<String, Object> run(Part.Setting setting) {
    Map<String, Object> figures = new LinkedHashMap<>();
    figures.put("beside the processor", AgreementPart.run(setting));
    for (String family : setting.toy() ? TOY : FAMILIES) {
      setting.soFar().accept(figures);
      try {
        figures.put("contract " + family, contract(family));
      } catch (ClassNotFoundException | NoClassDefFoundError e) {
        figures.put("note", "the contract tests are not here: " + e.getMessage());
        break;
      }
    }
    return figures;
  }

  private static Map<String, Object> contract(String family) throws ClassNotFoundException {
    Class.forName(CONTRACTS + family, false, ContractPart.class.getClassLoader());
    var out = new StringWriter();
    var result = new LinkedHashMap<String, Object>();
    long start = System.nanoTime();
    try (var writer = new PrintWriter(out)) {
      Class.forName(JUNIT)
          .getMethod("run", PrintWriter.class, PrintWriter.class, String[].class)
          .invoke(
              null,
              writer,
              writer,
              new String[] {
                "execute",
                "--disable-banner",
                "--disable-ansi-colors",
                "--details=summary",
                "--select-class=" + CONTRACTS + family
              });
    } catch (InvocationTargetException | NoSuchMethodException | IllegalAccessException e) {
      throw new IllegalStateException("JUnit cannot be run", e);
    }
    Matcher count = COUNT.matcher(out.toString());
    while (count.find()) {
      result.put(count.group(2), Integer.parseInt(count.group(1)));
    }
    result.put("seconds", Math.round((System.nanoTime() - start) / 1e7) / 100.0);
    boolean passed =
        Integer.valueOf(0).equals(result.get("failed"))
            && result.get("successful") instanceof Integer successes
            && successes > 0;
    result.put("passed", passed);
    if (!passed) {
      var lines = new ArrayList<>(out.toString().lines().filter(line -> !line.isBlank()).toList());
      result.put("said", List.copyOf(lines.subList(0, Math.min(MOST_LINES, lines.size()))));
    }
    return result;
  }
}
