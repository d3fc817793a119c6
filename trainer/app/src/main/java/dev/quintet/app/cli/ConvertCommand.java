package dev.quintet.app.cli;

import dev.quintet.core.io.SafetensorsType;
import dev.quintet.models.checkpoint.Conversion;
import dev.quintet.models.checkpoint.SaveOptions;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `convert`: weights of any form as safetensors.
@Command(
    name = "convert",
    description = {
      "Rewrites the weights of a model folder or file as safetensors, and copies what lies beside them.",
      "With --merge, an adapter is worked into them.",
      "Files of PyTorch (pytorch_model.bin) are read without running anything in them: what is no"
          + " tensor is refused by name."
    },
    mixinStandardHelpOptions = true,
    versionProvider = VersionText.class)
final class ConvertCommand implements Callable<Integer> {

  /// What a conversion may write: weights and the small files that lie beside them.
  private static final String MODEL =
      ".*\\.(safetensors|json|jinja|model|txt|vocab)|README.md|LICENSE(\\.\\w+)?";

  @Spec private CommandSpec spec;

  @Parameters(
      index = "0",
      paramLabel = "SRC",
      description =
          "Model folder, or a .safetensors or .bin file; or the name of a model that `pull` fetched.")
  private String source = "";

  @Parameters(index = "1", paramLabel = "DST", description = "Folder to write.")
  private Path target;

  @Option(
      names = "--type",
      paramLabel = "f32|bf16|f16",
      description = "Type of all floats. Default: each stays as it is.")
  private Optional<String> type = Optional.empty();

  @Option(
      names = "--weights",
      paramLabel = "f32|bf16|int8",
      description = {
        "How projections, embeddings and the head are stored; everything else stays as it is. bf16 takes half the space and"
            + " every library reads it; int8 a quarter, and this program alone reads it: NAME as int8 [N, G, K / G] with"
            + " NAME.scale as F32 [N, G]. f32 makes float32 of these and of everything else.",
        "`verify --weights` measures what it changes."
      })
  private Optional<String> weights = Optional.empty();

  @Option(
      names = "--shard-size",
      paramLabel = "SIZE",
      defaultValue = "50GB",
      description = "Most bytes of tensors in one file, such as 5GB. Default: ${DEFAULT-VALUE}.")
  private String shardSize = "50GB";

  @Option(
      names = "--merge",
      paramLabel = "ADAPTER",
      description =
          "Work an adapter folder, of this program or of peft, into the weights: what is written is a plain model.")
  private Optional<Path> merge = Optional.empty();

  @Mixin private NamedModel named;

  /// Made by picocli.
  ConvertCommand() {}

  @Override
  public Integer call() {
    var options =
        new Conversion.Options(
            type.map(ConvertCommand::floats),
            SaveOptions.bytes(shardSize),
            true,
            weights.map(WeightsOption::of));
    Path found = named.find(source);
    refuseTaken(found);
    PrintWriter err = spec.commandLine().getErr();
    Conversion done =
        merge.isPresent()
            ? MergedModel.write(found, merge.get(), target, options, err)
            : Conversion.run(found, target, options);
    done.dropped().entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .forEach(entry -> err.println(entry.getKey() + " is " + entry.getValue()));
    PrintWriter out = spec.commandLine().getOut();
    out.printf(Locale.ROOT, "%,d tensors, %,d bytes in %s%n", done.tensors(), done.bytes(), target);
    out.flush();
    return 0;
  }

  /// Nothing says who made a model that is there, so none is overwritten.
  private void refuseTaken(Path found) {
    if (!Files.isDirectory(target)) {
      return;
    }
    try (var names = Files.list(target)) {
      List<Path> taken =
          names
              .filter(path -> String.valueOf(path.getFileName()).matches(MODEL))
              .sorted()
              .limit(1)
              .toList();
      if (!taken.isEmpty() && !(Files.exists(found) && Files.isSameFile(found, target))) {
        throw new IllegalArgumentException(
            taken.getFirst()
                + " is there already, and nothing is overwritten: move it away, or name another folder");
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot list " + target + ": " + e, e);
    }
  }

  private static SafetensorsType floats(String name) {
    return switch (name.toLowerCase(Locale.ROOT)) {
      case "f32", "float32" -> SafetensorsType.F32;
      case "bf16", "bfloat16" -> SafetensorsType.BF16;
      case "f16", "float16" -> SafetensorsType.F16;
      default ->
          throw new IllegalArgumentException("--type is f32, bf16 or f16, not '" + name + "'");
    };
  }
}
