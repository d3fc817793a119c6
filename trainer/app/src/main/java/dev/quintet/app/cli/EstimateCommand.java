package dev.quintet.app.cli;

import dev.quintet.app.estimate.Chip;
import dev.quintet.app.estimate.DecodingWalk;
import dev.quintet.app.estimate.EstimateReport;
import dev.quintet.app.estimate.MeasuredSpeeds;
import dev.quintet.app.estimate.ModelSize;
import dev.quintet.app.estimate.SpeedTable;
import dev.quintet.core.instrument.Dry;
import dev.quintet.core.shape.DType;
import dev.quintet.models.t5.T5Config;
import dev.quintet.trainer.loop.StepWalk;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `estimate`: what a training step and a decoded token would take on a chip that need not be there.
@Command(
    name = "estimate",
    description = {
      "Estimates the time of a training step and of a decoded token on a chip, which need not be here: the"
          + " commands are counted, and nothing is measured.",
      "Prints for each family of kernels launches, operations of products, bytes, the speed it is reckoned with and"
          + " why, and time; then the step's time, tokens per second, share of the peak and floor, and the same of a"
          + " decoded token."
    },
    footer = {
      "",
      "A FILE of --measured is a JSON object. \"chip\" (a100, h100, h200) and \"shares\" have to be there: shares of"
          + " the ceilings, above 0 and at most 1, such as {\"product\": 0.7, \"biased_attention\": 0.35, \"norm\": 0.9}."
          + " The ceilings may be there too: \"peak_tflops\" for products and attention, \"copy_tbps\" for all else; and"
          + " \"kernel_us\", the shortest kernel, and \"gap_us\", from one command of a graph to the next. What is not"
          + " there keeps the table's figure, and a line says how much that is."
    },
    mixinStandardHelpOptions = true,
    versionProvider = VersionText.class)
final class EstimateCommand implements Callable<Integer> {
  /// Rows times tokens; more is no step of one chip.
  private static final long MOST_TOKENS = 4_194_304;

  @Spec private CommandSpec spec;

  @Option(
      names = "--chip",
      required = true,
      paramLabel = "a100|h100|h200",
      description = "The chip.")
  private Chip chip = Chip.H200;

  @Option(
      names = "--model",
      required = true,
      paramLabel = "small|base|large",
      description = "The size of T5.")
  private ModelSize model = ModelSize.BASE;

  @Option(names = "--v11", description = "T5 v1.1: gated, with a head of its own. Default: v1.0.")
  private boolean second;

  @Option(
      names = "--batch",
      paramLabel = "N",
      defaultValue = "48",
      description = "Rows. Default: ${DEFAULT-VALUE}.")
  private int rows;

  @Option(
      names = "--source",
      paramLabel = "N",
      defaultValue = "512",
      description = "Tokens of each source. Default: ${DEFAULT-VALUE}.")
  private int source;

  @Option(
      names = "--target",
      paramLabel = "N",
      defaultValue = "128",
      description = "Tokens of each target. Default: ${DEFAULT-VALUE}.")
  private int target;

  @Option(
      names = "--dropout",
      paramLabel = "P",
      defaultValue = "0",
      description = "Dropout in training, from 0 to below 1. Default: ${DEFAULT-VALUE}.")
  private float dropout;

  @Option(
      names = "--measured",
      paramLabel = "FILE",
      description = "Speeds measured on the chip, in place of the table's; see below.")
  private Optional<Path> measured = Optional.empty();

  /// Made by picocli.
  EstimateCommand() {}

  @Override
  public Integer call() {
    check();
    SpeedTable table = SpeedTable.of(chip, model, second);
    String head = "";
    if (measured.isPresent()) {
      MeasuredSpeeds speeds = MeasuredSpeeds.read(measured.get());
      table = speeds.over(table);
      head = speeds.coverage() + "\n";
    }
    T5Config config = model.config(second);
    var shape =
        new EstimateReport.Shape(
            model.name().toLowerCase(Locale.ROOT) + (second ? " v1.1" : " v1.0"),
            rows,
            source,
            target,
            dropout);
    PrintWriter out = spec.commandLine().getOut();
    out.print(
        EstimateReport.of(shape, table, head, step(config.withDropout(dropout)), decoding(config)));
    out.flush();
    return 0;
  }

  private Dry.Counts step(T5Config config) {
    try (var walk = new StepWalk(config, DType.BF16)) {
      walk.step(rows, source, target); // makes gradients and moments
      return walk.step(rows, source, target);
    }
  }

  private DecodingWalk decoding(T5Config config) {
    return DecodingWalk.of(config, rows, source, target);
  }

  private void check() {
    atLeastOne("--batch", rows);
    atLeastOne("--source", source);
    atLeastOne("--target", target);
    long tokens = (long) rows * ((long) source + target);
    if (tokens > MOST_TOKENS) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "--batch times --source and --target are at most %,d tokens, not %,d: take fewer rows",
              MOST_TOKENS,
              tokens));
    }
    if (!(dropout >= 0 && dropout < 1)) {
      throw new IllegalArgumentException("--dropout is from 0 to below 1, not " + dropout);
    }
  }

  private static void atLeastOne(String option, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(option + " is at least 1, not " + value);
    }
  }
}
