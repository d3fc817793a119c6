package dev.quintet.app.cli;

import dev.quintet.models.verify.Check;
import dev.quintet.models.verify.Golden;
import dev.quintet.models.verify.Verification;
import dev.quintet.trainer.verify.AdapterTrainingCheck;
import dev.quintet.trainer.verify.TrainingCheck;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `verify`: recomputes what a reference recorded, and compares.
@Command(
    name = "verify",
    description = {
      "Recomputes what a reference has recorded on a small model, or with an adapter of one, and prints how far off it"
          + " is.",
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
              + " training.json with training.safetensors. Or an adapter: adapter_config.json, adapter_model.safetensors,"
              + " forward.safetensors, and perhaps adapter_training.json with adapter_training.safetensors.")
  private String folder = "";

  @Option(
      names = "--base",
      paramLabel = "MODEL",
      description =
          "The adapter's model. Default: the folder that base_model_name_or_path names, beside the adapter or beside the"
              + " nearest folder above it that has one, or here, or in the hub's cache.")
  private Optional<String> base = Optional.empty();

  @Mixin private NamedModel named;

  @Mixin private Compute compute;

  /// Made by picocli.
  VerifyCommand() {}

  @Override
  public Integer call() {
    List<Check> checks = new ArrayList<>(Verification.checks());
    checks.add(new TrainingCheck());
    checks.add(new AdapterTrainingCheck());
    Golden golden = Golden.of(named.find(folder), compute.device(), base.map(named::find));
    Verification verification = Verification.of(golden, checks);
    PrintWriter out = spec.commandLine().getOut();
    out.print(verification.table());
    out.flush();
    return verification.passed() ? 0 : Failures.FAILED;
  }
}
