package dev.quintet.app.cli;

import dev.quintet.core.shape.Device;
import dev.quintet.core.shape.Precision;
import dev.quintet.models.checkpoint.Checkpoint;
import dev.quintet.models.verify.Check;
import dev.quintet.models.verify.Golden;
import dev.quintet.models.verify.PrecisionReport;
import dev.quintet.models.verify.Verification;
import dev.quintet.tokenizers.Tokenizer;
import dev.quintet.trainer.verify.AdapterTrainingCheck;
import dev.quintet.trainer.verify.TrainingCheck;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `verify`: recomputes what a reference recorded, and compares.
@Command(
    name = "verify",
    description = {
      "Recomputes what a reference has recorded on a small model, or with an adapter of one, and prints how far off it"
          + " is.",
      "Exit code 0 only if everything that ran passed, and something ran. What a recording leaves out is named as not"
          + " recorded; one that has lost a file, or some of its parameters, fails.",
      "With --weights, measures instead what storing a model's weights small changes: its logits, and the tokens of its greedy"
          + " answers, beside float32. Any model folder that generates text will do."
    },
    mixinStandardHelpOptions = true,
    versionProvider = VersionText.class)
final class VerifyCommand implements Callable<Integer> {

  private static final int LINES = 64;

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

  @Option(
      names = "--weights",
      paramLabel = "bf16|int8",
      description = "Measure what storing the weights so changes, and recompute nothing else.")
  private Optional<String> weights = Optional.empty();

  @Option(
      names = "--input",
      paramLabel = "FILE",
      description = "With --weights: sources, one a line. Default: random ids.")
  private Optional<Path> input = Optional.empty();

  @Option(
      names = "--tokens",
      defaultValue = "2000",
      paramLabel = "N",
      description =
          "With --weights: at least so many tokens are answered to random ids. Default: ${DEFAULT-VALUE}.")
  private int tokens;

  @Option(
      names = "--seed",
      defaultValue = "0",
      paramLabel = "N",
      description = "With --weights: of the random ids. Default: ${DEFAULT-VALUE}.")
  private long seed;

  @Mixin private NamedModel named;

  @Mixin private Compute compute;

  /// Made by picocli.
  VerifyCommand() {}

  @Override
  public Integer call() {
    if (weights.isPresent()) {
      return measure(WeightsOption.of(weights.get()));
    }
    if (input.isPresent()) {
      throw new ParameterException(
          spec.commandLine(), "--input gives the sources of --weights: name that too");
    }
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

  private int measure(Precision precision) {
    if (precision == Precision.F32) {
      throw new ParameterException(
          spec.commandLine(), "--weights is compared with float32: give bf16 or int8");
    }
    if (base.isPresent()) {
      throw new ParameterException(
          spec.commandLine(), "--weights measures a model, and --base is for adapters");
    }
    if (tokens < 1) {
      throw new ParameterException(spec.commandLine(), "--tokens is at least 1, not " + tokens);
    }
    Path model = named.find(folder);
    Device device = compute.device();
    List<int[]> sources =
        input.isPresent() ? read(model, input.get()) : PrecisionReport.madeUp(model, tokens, seed);
    PrintWriter out = spec.commandLine().getOut();
    out.print(PrecisionReport.of(model, device, precision, sources, input.isEmpty()).text());
    out.flush();
    return 0;
  }

  private static List<int[]> read(Path model, Path file) {
    Checkpoint.check(model);
    Tokenizer tokenizer = Tokenizer.load(model).source();
    var sources = new ArrayList<int[]>();
    try (TextInput in = TextInput.open(Optional.of(file), false)) {
      for (var part = in.next(LINES); !part.isEmpty(); part = in.next(LINES)) {
        part.forEach(text -> sources.add(tokenizer.encodeToIds(text, true)));
      }
    }
    return sources;
  }
}
