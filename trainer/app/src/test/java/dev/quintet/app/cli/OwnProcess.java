package dev.quintet.app.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// The command line in a process of its own, which can be killed.
final class OwnProcess {
  private OwnProcess() {}

  /// Starts it; what it says is thrown away.
  static Process start(String... arguments) throws IOException {
    return of(arguments)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .redirectError(ProcessBuilder.Redirect.DISCARD)
        .start();
  }

  /// What starts it.
  static ProcessBuilder of(String... arguments) {
    var command =
        new ArrayList<>(
            List.of(
                ProcessHandle.current().info().command().orElseThrow(),
                "--add-modules=jdk.incubator.vector",
                "--enable-native-access=ALL-UNNAMED",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName()));
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command);
  }
}
