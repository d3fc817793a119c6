package dev.quintet.trainer.events;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// A file of events, new in its folder and last by its name. What is written reaches it within a second of the next event.
final class EventFile implements AutoCloseable {
  private static final Pattern NAME = Pattern.compile("events\\.out\\.tfevents\\.([0-9]{10})\\..*");
  private static final Duration BETWEEN_FLUSHES = Duration.ofSeconds(1);

  private final Path path;
  private final OutputStream out;
  private final InstantSource clock;
  private Instant flushed;

  private EventFile(Path path, InstantSource clock) throws IOException {
    this.path = path;
    this.clock = clock;
    out =
        new BufferedOutputStream(
            Files.newOutputStream(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE));
    flushed = clock.instant();
  }

  /// Begins a file in a folder, which is made where it is missing.
  static EventFile in(Path folder, InstantSource clock) {
    try {
      Files.createDirectories(folder);
      // TensorBoard reads the files of a folder by name: this one has to come last.
      long second =
          Math.max(
              clock.instant().getEpochSecond(),
              names(folder).stream().mapToLong(EventFile::second).max().orElse(0) + 1);
      String name =
          String.format(
              Locale.ROOT,
              "events.out.tfevents.%010d.%s.%d.0",
              second,
              host(),
              ProcessHandle.current().pid());
      var file = new EventFile(folder.resolve(name), clock);
      file.write(Event.fileVersion(file.now()));
      return file;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot begin a file of events in " + folder + ": " + e, e);
    }
  }

  /// Whether a folder has such files.
  static boolean anyIn(Path folder) {
    try {
      return !names(folder).isEmpty();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot list " + folder + ": " + e, e);
    }
  }

  private static List<String> names(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .map(file -> String.valueOf(file.getFileName()))
          .filter(name -> NAME.matcher(name).matches())
          .toList();
    }
  }

  private static long second(String name) {
    Matcher matcher = NAME.matcher(name);
    return matcher.matches() ? Long.parseLong(matcher.group(1)) : 0;
  }

  private static String host() {
    String name = Optional.ofNullable(System.getenv("HOSTNAME")).orElse("");
    String plain = name.replaceAll("[^A-Za-z0-9-]", "-");
    return plain.isEmpty() ? "localhost" : plain;
  }

  /// The time, in seconds since 1970.
  double now() {
    Instant instant = clock.instant();
    return instant.getEpochSecond() + instant.getNano() / 1e9;
  }

  void write(Event event) {
    try {
      out.write(event.record());
      if (Duration.between(flushed, clock.instant()).compareTo(BETWEEN_FLUSHES) >= 0) {
        flush();
      }
    } catch (IOException e) {
      throw failed(e);
    }
  }

  void flush() {
    try {
      out.flush();
      flushed = clock.instant();
    } catch (IOException e) {
      throw failed(e);
    }
  }

  @Override
  public void close() {
    try {
      out.close();
    } catch (IOException e) {
      throw failed(e);
    }
  }

  private UncheckedIOException failed(IOException e) {
    return new UncheckedIOException("cannot write the events " + path + ": " + e, e);
  }
}
