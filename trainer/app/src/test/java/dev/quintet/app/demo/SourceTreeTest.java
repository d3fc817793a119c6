package dev.quintet.app.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SourceTreeTest {
  @TempDir Path folder;

  private Path zip(Map<String, byte[]> members) throws IOException {
    Path file = folder.resolve("sources.zip");
    try (var out = new ZipOutputStream(Files.newOutputStream(file))) {
      for (var member : members.entrySet()) {
        out.putNextEntry(new ZipEntry(member.getKey()));
        out.write(member.getValue());
      }
    }
    return file;
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void listsJavaFilesOfAFolderSorted() throws IOException {
    Files.createDirectories(folder.resolve("b/c"));
    for (String name :
        List.of(
            "b/c/Z.java",
            "b/A.java",
            "B.java",
            "b.txt",
            "module-info.java",
            "b/package-info.java")) {
      Files.writeString(folder.resolve(name), "class X {}");
    }
    try (var tree = SourceTree.of(folder)) {
      assertEquals(List.of("B.java", "b/A.java", "b/c/Z.java"), tree.paths());
      assertEquals("class X {}", tree.text("b/A.java"));
    }
  }

  @Test
  void listsJavaFilesOfAnArchiveSortedAndWithoutNamesThatLeaveIt() throws IOException {
    var members = new LinkedHashMap<String, byte[]>();
    for (String name :
        List.of(
            "z/B.java",
            "A.java",
            "../evil.java",
            "a/../../evil.java",
            "/etc/evil.java",
            "c:\\evil.java",
            "a\\evil.java",
            "x.class",
            "module-info.java")) {
      members.put(name, bytes("class X {}"));
    }
    try (var tree = SourceTree.of(zip(members))) {
      assertEquals(List.of("A.java", "z/B.java"), tree.paths());
      assertEquals("class X {}", tree.text("z/B.java"));
    }
  }

  @Test
  void refusesMembersThatUnpackToTooMuch() throws IOException {
    var bomb = new byte[64 << 20];
    Path zip =
        zip(Map.of("Bomb.java", bomb, "Good.java", bytes("class G { int a() { return 1; } }")));
    assertTrue(Files.size(zip) < 100_000);
    try (var tree = SourceTree.of(zip)) {
      var thrown = assertThrows(IOException.class, () -> tree.text("Bomb.java"));
      assertTrue(thrown.getMessage().contains("Bomb.java"), thrown.getMessage());
      var parsed = MethodParser.parse(tree, 1);
      assertEquals(1, parsed.filesPassedOver());
      assertEquals(1, parsed.methods().size());
    }
  }

  @Test
  void theSizeAMemberClaimsIsNotTrusted() throws IOException {
    Path zip = zip(Map.of("Bomb.java", new byte[32 << 20]));
    byte[] raw = Files.readAllBytes(zip);
    int central = 0;
    while (raw[central] != 'P' || raw[central + 1] != 'K' || raw[central + 2] != 1) {
      central++;
    }
    // The uncompressed size in the central directory: 10 bytes.
    raw[central + 24] = 10;
    raw[central + 25] = 0;
    raw[central + 26] = 0;
    raw[central + 27] = 0;
    Files.write(zip, raw);
    try (var tree = SourceTree.of(zip)) {
      assertThrows(
          IOException.class,
          () -> {
            String text = tree.text("Bomb.java");
            if (text.length() <= 1 << 20) {
              throw new IOException("read only a little");
            }
          });
    }
  }

  @Test
  void saysWhatIsWrongWithAPath() throws IOException {
    assertThrows(NoSuchFileException.class, () -> SourceTree.of(folder.resolve("missing")));
    Path text = Files.writeString(folder.resolve("notes.txt"), "hello");
    var thrown = assertThrows(IOException.class, () -> SourceTree.of(text));
    assertTrue(thrown.getMessage().contains("give a folder, a zip or a jar"), thrown.getMessage());
    Path truncated = zip(Map.of("A.java", bytes("class A {}")));
    byte[] raw = Files.readAllBytes(truncated);
    Files.write(truncated, Arrays.copyOf(raw, raw.length / 2));
    assertThrows(IOException.class, () -> SourceTree.of(truncated));
  }

  @Test
  void readsOldEncodingsAndByteOrderMarks() throws IOException {
    Files.write(folder.resolve("Latin.java"), "// é".getBytes(StandardCharsets.ISO_8859_1));
    Files.write(folder.resolve("Mark.java"), bytes("\uFEFFclass M {}"));
    Files.write(folder.resolve("Utf.java"), bytes("// é \uFFFD"));
    try (var tree = SourceTree.of(folder)) {
      assertEquals("// é", tree.text("Latin.java"));
      assertEquals("class M {}", tree.text("Mark.java"));
      assertEquals("// é \uFFFD", tree.text("Utf.java"));
    }
  }

  @Test
  void doesNotFollowLinks() throws IOException {
    Path outside = Files.createDirectory(folder.resolve("outside"));
    Files.writeString(outside.resolve("A.java"), "class A {}");
    Path inside = Files.createDirectory(folder.resolve("inside"));
    Files.createSymbolicLink(inside.resolve("link"), outside);
    Files.createSymbolicLink(inside.resolve("B.java"), outside.resolve("A.java"));
    Files.createSymbolicLink(inside.resolve("loop"), inside);
    try (var tree = SourceTree.of(inside)) {
      assertEquals(List.of(), tree.paths());
    }
  }
}
