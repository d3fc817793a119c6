package dev.quintet.app.cli;

import dev.quintet.models.hub.Hub;
import dev.quintet.models.hub.HubSettings;
import dev.quintet.models.hub.PullRequest;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `pull`: fetches a model; the one command that opens a network connection.
@Command(
    name = "pull",
    description = {
      "Fetches a model from Hugging Face's hub into its cache, and prints the folder.",
      "HF_ENDPOINT, HF_HOME, HF_HUB_CACHE and HF_TOKEN are read. What was interrupted is continued;"
          + " every file is checked."
    },
    mixinStandardHelpOptions = true,
    versionProvider = VersionText.class)
final class PullCommand implements Callable<Integer> {
  private static final int STEP = 10;

  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "REPO", description = "Owner and name, such as google/flan-t5-small.")
  private String repository = "";

  @Option(
      names = "--revision",
      paramLabel = "NAME",
      defaultValue = "main",
      description = "Branch, tag or commit. Default: ${DEFAULT-VALUE}.")
  private String revision = "main";

  @Option(
      names = "--to",
      paramLabel = "DIR",
      description = "Put the files into this folder instead of the cache.")
  private Optional<Path> folder = Optional.empty();

  @Option(
      names = "--allow-pickle",
      description = "Fetch pytorch_model.bin where there is no safetensors; convert reads it.")
  private boolean pickle;

  private final Map<String, Long> shown = new HashMap<>();

  /// Made by picocli.
  PullCommand() {}

  @Override
  public Integer call() {
    PullRequest request = PullRequest.of(repository).withRevision(revision);
    request = pickle ? request.withPickle() : request;
    request = folder.map(request::to).orElse(request);
    Path place = new Hub(HubSettings.fromEnvironment(), this::show).pull(request);
    PrintWriter out = spec.commandLine().getOut();
    out.println(place);
    out.flush();
    return 0;
  }

  /// A line at the start, at every tenth, and at the end of a file.
  private void show(String file, long done, long bytes) {
    long tenth = bytes == 0 ? STEP : STEP * done / bytes;
    if (!Long.valueOf(tenth).equals(shown.put(file, tenth))) {
      spec.commandLine()
          .getErr()
          .printf(Locale.ROOT, "%s %d %% of %,d bytes%n", file, 100 / STEP * tenth, bytes);
    }
  }
}
