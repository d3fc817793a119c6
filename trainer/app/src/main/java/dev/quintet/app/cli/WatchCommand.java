package dev.quintet.app.cli;

import dev.quintet.app.watch.RunView;
import dev.quintet.app.watch.WatchServer;
import java.io.IOException;
import java.net.BindException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `watch`: a page that follows a run.
@Command(
    name = "watch",
    description = {
      "Shows a run while it trains, in a browser on this machine: loss, rate, gradient norm,"
          + " throughput, memory, scores, and the latest answers.",
      "It only reads the run's folder, and ends with ctrl-C."
    },
    mixinStandardHelpOptions = true,
    versionProvider = VersionText.class)
final class WatchCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "DIR", description = "The folder of a run, train's \"out\".")
  private Path folder = Path.of("");

  @Option(
      names = "--port",
      paramLabel = "N",
      description = "Where to listen, 1 to 65535. Default: any that is free.")
  private int port;

  /// Made by picocli.
  WatchCommand() {}

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (port < 0
        || port > 65_535
        || port == 0 && spec.commandLine().getParseResult().hasMatchedOption("--port")) {
      throw new ParameterException(
          spec.commandLine(), "--port is a number from 1 to 65535, not " + port);
    }
    var run = new RunView(folder);
    try (var server = new WatchServer(run, port)) {
      spec.commandLine()
          .getOut()
          .println(server.address() + " follows " + folder + "; ctrl-C ends it");
      spec.commandLine().getOut().flush();
      new CountDownLatch(1).await();
      return 0;
    } catch (BindException e) {
      throw new IOException(
          "port " + port + " is taken by another program: name another by --port, or none", e);
    }
  }
}
