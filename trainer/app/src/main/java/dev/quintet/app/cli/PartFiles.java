package dev.quintet.app.cli;

import dev.quintet.core.io.AtomicDirectory;
import dev.quintet.core.io.JsonText;
import dev.quintet.trainer.data.Sample;
import dev.quintet.trainer.prepare.DataReport;
import dev.quintet.trainer.prepare.Part;
import dev.quintet.trainer.prepare.Preparation;
import dev.quintet.trainer.rows.RowFiles;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/// A folder of prepared parts: JSON lines with `id`, `source`, `target` and the columns that go along, and `data.json`,
/// the report. It appears whole or not at all.
final class PartFiles {
  /// The report's name.
  static final String REPORT = "data.json";

  private PartFiles() {}

  /// The file of a part.
  static Path file(Path folder, Part part) {
    return folder.resolve(part.word() + ".jsonl");
  }

  /// Refuses a folder that holds anything but parts that were written before.
  ///
  /// @throws UncheckedIOException if it does
  static void refuseTaken(Path folder) {
    if (!Files.exists(folder)) {
      return;
    }
    if (!Files.isDirectory(folder)) {
      throw new UncheckedIOException(
          new FileAlreadyExistsException(
              folder.toString(), null, "expected a folder to write to; name another"));
    }
    try (Stream<Path> inside = Files.list(folder)) {
      boolean ours =
          Files.exists(folder.resolve(REPORT))
              && Files.exists(folder.resolve(AtomicDirectory.MANIFEST));
      if (!ours && inside.findAny().isPresent()) {
        throw new UncheckedIOException(
            new FileAlreadyExistsException(
                folder.toString(),
                null,
                "it holds other things than prepared data, and nothing is overwritten; name another folder"));
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot list " + folder + ": " + e.getMessage(), e);
    }
  }

  /// Prepares files into a folder, in place of parts that were written there before.
  ///
  /// @param several whether targets are lists
  static DataReport write(
      Path folder,
      Preparation preparation,
      Optional<RowFiles> dealt,
      Map<Part, RowFiles> parts,
      boolean several) {
    refuseTaken(folder);
    DataReport[] report = new DataReport[1];
    AtomicDirectory.write(
        folder,
        inside -> {
          try (var writers = new Writers(inside, several)) {
            report[0] =
                dealt.isPresent()
                    ? preparation.run(dealt.get(), writers::write)
                    : preparation.run(parts, writers::write);
          }
          Files.writeString(inside.resolve(REPORT), JsonText.of(report[0]) + "\n");
        });
    return report[0];
  }

  private static final class Writers implements AutoCloseable {
    private final Path folder;
    private final boolean several;
    private final Map<Part, BufferedWriter> open = new EnumMap<>(Part.class);

    Writers(Path folder, boolean several) {
      this.folder = folder;
      this.several = several;
    }

    void write(Part part, Sample sample) {
      try {
        BufferedWriter writer = open.get(part);
        if (writer == null) {
          writer = Files.newBufferedWriter(file(folder, part));
          open.put(part, writer);
        }
        writer.append(line(sample)).append('\n');
      } catch (IOException e) {
        throw new UncheckedIOException(
            "cannot write the part " + part.word() + ": " + e.getMessage(), e);
      }
    }

    private String line(Sample sample) {
      var line = new StringBuilder("{");
      text(line, "id", sample.id());
      text(line, "source", sample.source());
      JsonText.quote(line.append(", "), "target").append(": ");
      List<String> answers = sample.answers();
      if (several) {
        for (int i = 0; i < answers.size(); i++) {
          JsonText.quote(line.append(i == 0 ? "[" : ", "), answers.get(i));
        }
        line.append(']');
      } else {
        JsonText.quote(line, answers.getFirst());
      }
      sample
          .columns()
          .forEach((name, value) -> {
            if (!List.of("id", "source", "target").contains(name)) {
              text(line, name, value);
            }
          });
      return line.append('}').toString();
    }

    private static void text(StringBuilder line, String name, String value) {
      line.append(line.length() == 1 ? "" : ", ");
      JsonText.quote(JsonText.quote(line, name).append(": "), value);
    }

    @Override
    public void close() {
      try {
        for (BufferedWriter writer : open.values()) {
          writer.close();
        }
      } catch (IOException e) {
        throw new UncheckedIOException("cannot write the parts: " + e.getMessage(), e);
      }
    }
  }
}
