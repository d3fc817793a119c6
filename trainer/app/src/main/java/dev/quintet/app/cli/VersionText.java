package dev.quintet.app.cli;

import dev.quintet.core.backend.Backends;
import java.lang.module.ModuleDescriptor;
import java.util.Optional;
import java.util.stream.Stream;
import picocli.CommandLine.IVersionProvider;

/// What `--version` prints: this version, the Java it runs on, and what computes.
final class VersionText implements IVersionProvider {

  @Override
  public String[] getVersion() {
    return Stream.concat(
            Stream.of("quintet " + version() + " on Java " + Runtime.version()),
            Backends.report().stream())
        .toArray(String[]::new);
  }

  /// The module's version, or on a class path the jar's.
  static String version() {
    return Optional.ofNullable(Main.class.getModule().getDescriptor())
        .flatMap(ModuleDescriptor::rawVersion)
        .or(() -> Optional.ofNullable(Main.class.getPackage().getImplementationVersion()))
        .orElse("unpackaged");
  }
}
