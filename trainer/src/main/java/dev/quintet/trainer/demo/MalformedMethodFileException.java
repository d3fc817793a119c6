package dev.quintet.trainer.demo;

import java.nio.file.Path;

/// A file of methods breaks one of its format's rules.
public final class MalformedMethodFileException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  MalformedMethodFileException(Path path, long offset, String rule) {
    super(
        "%s is damaged at byte %d: %s. Delete it to have the sources parsed again"
            .formatted(path, offset, rule));
  }
}
