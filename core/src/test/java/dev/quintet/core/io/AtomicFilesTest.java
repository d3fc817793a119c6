package dev.quintet.core.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFilesTest {
  @TempDir Path folder;

  @Test
  void nothingChangesUntilAllIsPublished() throws IOException {
    Files.writeString(folder.resolve("a"), "old");
    Files.writeString(folder.resolve("gone"), "old");
    try (AtomicFiles files = AtomicFiles.in(folder)) {
      files.remove("gone");
      files.write("a", "new");
      files.write("b", "new");
      assertEquals("old", Files.readString(folder.resolve("a")));
      assertFalse(Files.exists(folder.resolve("b")));
      files.publish();
    }
    assertEquals(List.of("a", "b"), names());
    assertEquals("new", Files.readString(folder.resolve("a")));
  }

  @Test
  void whatFailsLeavesEverythingAsItWas() throws IOException {
    Files.writeString(folder.resolve("a"), "old");
    assertThrows(
        UncheckedIOException.class,
        () -> {
          try (AtomicFiles files = AtomicFiles.in(folder)) {
            files.write("a", "new");
            files.write(
                "b",
                out -> {
                  throw new IOException("the disk is full");
                });
          }
        });
    assertEquals(List.of("a"), names());
    assertEquals("old", Files.readString(folder.resolve("a")));
  }

  private List<String> names() throws IOException {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.map(path -> String.valueOf(path.getFileName())).sorted().toList();
    }
  }
}
