package dev.quintet.core.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AtomicDirectoryTest {
  @TempDir Path parent;

  private Path write(String name, String text) {
    Path target = parent.resolve(name);
    AtomicDirectory.write(
        target,
        folder -> {
          Files.writeString(folder.resolve("text"), text);
          Files.createDirectory(folder.resolve("sub"));
          Files.writeString(folder.resolve("sub").resolve("more"), text + text);
        });
    return target;
  }

  private List<String> names() throws IOException {
    try (var paths = Files.list(parent)) {
      return paths.map(path -> path.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void writesFilesAndTheirManifest() throws IOException {
    Path target = write("step-1", "abc");
    AtomicDirectory.verify(target);
    assertEquals("abc", Files.readString(target.resolve("text")));
    // CRC32C by a bitwise program of its own over the polynomial 0x82F63B78.
    assertEquals(
        "{\"format\":1,\"files\":{\"sub/more\":{\"length\":6,\"crc32c\":\"27bf04cc\"},"
            + "\"text\":{\"length\":3,\"crc32c\":\"364b3fb7\"}}}",
        Files.readString(target.resolve("manifest.json")));
    assertEquals(List.of("step-1"), names());
  }

  @Test
  void replacesAWholeDirectory() throws IOException {
    write("best", "one");
    Path target = write("best", "two");
    assertEquals("two", Files.readString(target.resolve("text")));
    assertEquals(List.of(), AtomicDirectory.strangers(target));
    assertEquals(List.of("best"), names());
  }

  @Test
  void whatSomebodyElsePutThereMovesIntoTheNewOne() throws IOException {
    Path target = write("best", "one");
    Files.writeString(target.resolve("notes"), "mine");
    Files.writeString(target.resolve("sub").resolve("deep"), "mine too");
    Files.createDirectories(target.resolve("own").resolve("below"));
    Files.createSymbolicLink(target.resolve("link"), parent.resolve("nowhere"));
    List<Path> strangers =
        Stream.of("link", "notes", "own", "sub/deep").map(target::resolve).toList();
    assertEquals(strangers, AtomicDirectory.strangers(target));
    write("best", "two");
    assertEquals("two", Files.readString(target.resolve("text")));
    assertEquals(strangers, AtomicDirectory.strangers(target));
    assertEquals("mine", Files.readString(target.resolve("notes")));
    assertEquals("mine too", Files.readString(target.resolve("sub").resolve("deep")));
    assertEquals(List.of("best"), names());
  }

  @Test
  void whatCannotMoveKeepsItsFolderUnderAnotherName() throws IOException {
    Path target = Files.createDirectory(parent.resolve("best"));
    Files.writeString(target.resolve("text"), "mine");
    write("best", "one");
    assertEquals("mine", Files.readString(parent.resolve("best.kept-1").resolve("text")));
    Files.delete(target.resolve("text"));
    Files.createSymbolicLink(target.resolve("text"), parent.resolve("best.kept-1"));
    write("best", "two");
    assertTrue(Files.isSymbolicLink(parent.resolve("best.kept-2").resolve("text")));
    AtomicDirectory.verify(target);
    Files.writeString(parent.resolve("last"), "a file");
    write("last", "one");
    assertEquals("a file", Files.readString(parent.resolve("last.kept-1")));
    assertEquals(List.of("best", "best.kept-1", "best.kept-2", "last", "last.kept-1"), names());
  }

  @Test
  void aReplacementCutShortLosesNothingEither() throws IOException {
    Path target = write("best", "one");
    Files.writeString(target.resolve("notes"), "mine");
    Files.move(target, parent.resolve(".replaced-best"));
    write("other", "x");
    Files.move(target, parent.resolve(".replaced-best"));
    Files.move(parent.resolve("other"), target);
    AtomicDirectory.clean(parent);
    assertEquals("mine", Files.readString(target.resolve("notes")));
    assertEquals(List.of("best"), names());
  }

  @Test
  void aFailedWriteLeavesTheOldOneAndNothingElse() throws IOException {
    Path target = write("best", "one");
    assertThrows(
        UncheckedIOException.class,
        () ->
            AtomicDirectory.write(
                target,
                folder -> {
                  Files.writeString(folder.resolve("text"), "two");
                  throw new IOException("disk full");
                }));
    assertThrows(
        IllegalStateException.class,
        () ->
            AtomicDirectory.write(
                target, folder -> Files.writeString(folder.resolve("manifest.json"), "{}")));
    AtomicDirectory.verify(target);
    assertEquals("one", Files.readString(target.resolve("text")));
    assertEquals(List.of("best"), names());
  }

  @Test
  void seesEveryDamage() throws IOException {
    Path target = write("step-1", "abc");
    Path text = target.resolve("text");
    Files.writeString(text, "abd");
    var e = assertThrows(MalformedFileException.class, () -> AtomicDirectory.verify(target));
    assertEquals(text, e.path());
    assertTrue(e.rule().contains("CRC32C"));
    Files.writeString(text, "abcd");
    e = assertThrows(MalformedFileException.class, () -> AtomicDirectory.verify(target));
    assertTrue(e.rule().contains("3 bytes, but there are 4"), e.rule());
    Files.delete(text);
    e = assertThrows(MalformedFileException.class, () -> AtomicDirectory.verify(target));
    assertTrue(e.rule().contains("missing"));
    Files.writeString(text, "abc");
    AtomicDirectory.verify(target);
    Files.delete(target.resolve("manifest.json"));
    e = assertThrows(MalformedFileException.class, () -> AtomicDirectory.verify(target));
    assertTrue(e.rule().contains("manifest"));
    assertFalse(AtomicDirectory.isComplete(parent.resolve("none")));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[]",
        "{}",
        "{\"format\":2,\"files\":{}}",
        "{\"format\":1}",
        "{\"format\":1,\"files\":[]}",
        "{\"format\":1,\"files\":{}} x",
        "{\"format\":1,\"format\":1,\"files\":{}}",
        "{\"format\":1,\"files\":{\"text\":{}}}",
        "{\"format\":1,\"files\":{\"text\":{\"length\":3}}}",
        "{\"format\":1,\"files\":{\"text\":{\"length\":-3,\"crc32c\":\"364b3fb7\"}}}",
        "{\"format\":1,\"files\":{\"text\":{\"length\":1e99,\"crc32c\":\"364b3fb7\"}}}",
        "{\"format\":1,\"files\":{\"text\":{\"length\":9999999999999999999,\"crc32c\":\"0\"}}}",
        "{\"format\":1,\"files\":{\"text\":{\"length\":3,\"crc32c\":\"364B3FB7\"}}}",
        "{\"format\":1,\"files\":{\"text\":{\"length\":3,\"crc32c\":null}}}",
        "{\"format\":1,\"files\":{\"../x/text\":{\"length\":3,\"crc32c\":\"364b3fb7\"}}}",
        "{\"format\":1,\"files\":{\"/etc/hostname\":{\"length\":3,\"crc32c\":\"364b3fb7\"}}}",
        "{\"format\":1,\"files\":{\"\":{\"length\":3,\"crc32c\":\"364b3fb7\"}}}",
        "{\"format\":1,\"files\":{\".\":{\"length\":3,\"crc32c\":\"364b3fb7\"}}}",
        "{\"format\":1,\"files\":{\"a\\u0000\":{\"length\":3,\"crc32c\":\"364b3fb7\"}}}",
      })
  void refusesABrokenManifest(String manifest) throws IOException {
    Path target = write("step-1", "abc");
    Files.writeString(target.resolve("manifest.json"), manifest);
    assertThrows(MalformedFileException.class, () -> AtomicDirectory.verify(target));
  }

  @Test
  void theNewestIsTheHighestNumberThatVerifies() throws IOException {
    for (int step : new int[] {9, 10, 100}) {
      write("step-" + step, "at " + step);
    }
    Files.createDirectory(parent.resolve("step-1000"));
    Files.createDirectory(parent.resolve("step-final"));
    Files.writeString(parent.resolve("step-5000"), "a file");
    assertEquals(Optional.of(parent.resolve("step-100")), AtomicDirectory.newest(parent, "step-"));
    Files.writeString(parent.resolve("step-100").resolve("text"), "damaged");
    assertEquals(Optional.of(parent.resolve("step-10")), AtomicDirectory.newest(parent, "step-"));
    assertEquals(
        List.of("step-9", "step-10", "step-100", "step-1000"),
        AtomicDirectory.numbered(parent, "step-").stream()
            .map(path -> path.getFileName().toString())
            .toList());
    assertEquals(Optional.empty(), AtomicDirectory.newest(parent, "epoch-"));
    assertEquals(Optional.empty(), AtomicDirectory.newest(parent.resolve("none"), "step-"));
  }

  @Test
  void cleansWhatDeadProcessesLeft() throws IOException {
    // Process 0 is never a Java process; a process of our own number that we did not start is old.
    Files.createDirectory(parent.resolve(".tmp-step-3.0-7"));
    Files.writeString(parent.resolve(".tmp-step-3.0-7").resolve("weights"), "half");
    Files.writeString(parent.resolve(".tmp-log.json.0-1"), "half");
    Path ours = parent.resolve(".tmp-step-4." + ProcessHandle.current().pid() + "-99999");
    Files.createDirectory(ours);
    long alive = ProcessHandle.current().parent().orElseThrow().pid();
    Files.createDirectory(parent.resolve(".tmp-step-5." + alive + "-0"));
    Files.writeString(parent.resolve(".tmp-notes"), "somebody else's");
    Files.writeString(parent.resolve(".tmp-notes.2024-draft"), "somebody else's");
    write("step-6", "abc");
    assertEquals(
        List.of(".tmp-notes", ".tmp-notes.2024-draft", ".tmp-step-5." + alive + "-0", "step-6"),
        names());
  }

  @Test
  void aReplacementCutShortIsFoundAndPutBack() throws IOException {
    Path target = write("best", "one");
    Path old = parent.resolve(".replaced-best");
    Files.move(target, old);
    assertEquals(Optional.of(old), AtomicDirectory.locate(target));
    AtomicDirectory.clean(parent);
    assertEquals(Optional.of(target), AtomicDirectory.locate(target));
    assertEquals(List.of("best"), names());

    // Killed after the new one took its place, before the old one was removed.
    Files.move(target, old);
    write("other", "x");
    write("best", "two");
    assertEquals("two", Files.readString(target.resolve("text")));
    assertEquals(List.of("best", "other"), names());
    assertEquals(Optional.empty(), AtomicDirectory.locate(parent.resolve("none")));
  }

  @Test
  void deletesWithoutEverShowingAHalf() throws IOException {
    Path target = write("step-1", "abc");
    AtomicDirectory.delete(target);
    AtomicDirectory.delete(target);
    assertEquals(List.of(), names());
    Path file = Files.writeString(parent.resolve("file"), "x");
    assertThrows(UncheckedIOException.class, () -> AtomicDirectory.delete(file));
    assertTrue(Files.exists(file));
  }

  @Test
  void makesTheParentsOfItsTarget() {
    Path deep = parent.resolve("a").resolve("b").resolve("step-1");
    AtomicDirectory.write(deep, folder -> {});
    AtomicDirectory.verify(deep);
  }

  @Test
  void filesAppearWithTheirWholeText() throws IOException {
    Path path = parent.resolve("metrics.json");
    AtomicFile.write(path, "{}");
    AtomicFile.write(path, "\u00e9");
    assertEquals("\u00e9", Files.readString(path));
    AtomicFile.write(path, "abc".getBytes(StandardCharsets.US_ASCII));
    Files.writeString(parent.resolve(".tmp-metrics.json.0-5"), "left over");
    assertThrows(
        UncheckedIOException.class,
        () ->
            AtomicFile.write(
                path,
                out -> {
                  throw new IOException("disk full");
                }));
    assertEquals("abc", Files.readString(path));
    assertEquals(List.of("metrics.json"), names());
  }
}
