package dev.quintet.app.cli;

import dev.quintet.models.verify.Check;
import dev.quintet.models.verify.Verification;
import dev.quintet.trainer.verify.TrainingCheck;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `verify`: recomputes what a reference recorded, and compares.
@Command(
    name = "verify",
    description = {
      "Recomputes what a reference has recorded on a small model, and prints how far off it is.",
      "Exit code 0 only if everything that ran passed, and something ran. What a recording leaves out is named as not"
          + " recorded; one that has lost a file, or some of its parameters, fails."
    },
    mixinStandardHelpOptions = true,
    versionProvider = VersionText.class)
final class VerifyCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;

  @Parameters(
      paramLabel = "GOLDEN_DIR",
      description =
          "config.json, weights, and any of forward_backward.safetensors, generation.json,"
              + " training.json with training.safetensors.")
  private String folder = "";

  @Mixin private NamedModel named;

  @Mixin private Compute compute;

  /// Made by picocli.
  VerifyCommand() {}

  @Override
  public Integer call() {
    List<Check> checks = new ArrayList<>(Verification.checks());
    checks.add(new TrainingCheck());
    Verification verification = Verification.of(named.find(folder), compute.device(), checks);
    PrintWriter out = spec.commandLine().getOut();
    out.print(verification.table());
    out.flush();
    return verification.passed() ? 0 : Failures.FAILED;
  }
}
