package dev.quintet.app.cli;

import dev.quintet.models.hub.ModelPlaces;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/// Finds the model that a command was given, by the one rule of [ModelPlaces].
final class NamedModel {

  @Option(
      names = "--revision",
      paramLabel = "NAME",
      description =
          "Branch, tag or commit of a model that is named as on the hub and lies in its cache. Default: main.")
  private Optional<String> revision = Optional.empty();

  /// Made by picocli.
  NamedModel() {}

  /// Its folder or file.
  Path find(String named) {
    return ModelPlaces.fromEnvironment().find(named, revision);
  }
}
