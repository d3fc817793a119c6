package dev.quintet.app.demo;

import dev.quintet.trainer.data.TextLines;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Java source files, wherever they lie: a folder, a zip or a jar, or the running JDK's own.
///
/// Holds an open archive until it is closed; [#text] may be called from several threads.
public sealed interface SourceTree extends AutoCloseable permits SourceFolder, SourceArchive {

  /// What a user would call it, such as its path.
  String description();

  /// The paths inside the tree, separated by `/`, sorted by UTF-16 units, without `module-info`
  /// and `package-info`.
  List<String> paths();

  /// The text of one of [#paths]; bytes that are no UTF-8 are read as Latin-1.
  ///
  /// @throws IOException when it cannot be read or is larger than sources are
  String text(String path) throws IOException;

  /// Names of methods to leave out, such as the JDK's `getContents`, which only hold locale data.
  Set<String> excludedMethods();

  @Override
  void close() throws IOException;

  /// The running JDK's `lib/src.zip` without its resource bundles and without
  /// `jdk.incubator.vector`, whose sources come from a template; empty where the JDK came without
  /// sources.
  ///
  /// @throws IOException when the archive is there and cannot be read
  static Optional<SourceTree> jdk() throws IOException {
    Path zip = Path.of(System.getProperty("java.home"), "lib", "src.zip");
    if (!Files.isRegularFile(zip)) {
      return Optional.empty();
    }
    return Optional.of(SourceArchive.open(zip, SourceTree::isDemoMaterial, Set.of("getContents")));
  }

  /// A folder, a zip, a jar, or one `.java` file.
  ///
  /// @throws IOException when the path is missing, unreadable, or none of these
  static SourceTree of(Path path) throws IOException {
    if (Files.isDirectory(path)) {
      return SourceFolder.open(path);
    }
    if (!Files.exists(path)) {
      throw new NoSuchFileException(
          path.toString(), null, "expected a folder, a zip or a jar of Java sources");
    }
    if (path.toString().endsWith(".java")) {
      return SourceFolder.single(path);
    }
    return SourceArchive.open(path, name -> true, Set.of());
  }

  private static boolean isDemoMaterial(String path) {
    return !path.contains("/resources/")
        && !path.contains("/resource/")
        && !path.startsWith("jdk.incubator.vector/");
  }

  /// Whether a file of this name can hold methods.
  static boolean isSource(String path) {
    String name = path.substring(path.lastIndexOf('/') + 1);
    return name.endsWith(".java")
        && !name.equals("module-info.java")
        && !name.equals("package-info.java");
  }

  /// Decodes a source file: UTF-8 without its byte order mark, or else Latin-1.
  static String decode(byte[] bytes) {
    String text = new String(bytes, StandardCharsets.UTF_8);
    if (text.indexOf('\uFFFD') >= 0 && TextLines.firstInvalid(bytes, 0, bytes.length) >= 0) {
      text = new String(bytes, StandardCharsets.ISO_8859_1);
    }
    return text.startsWith("\uFEFF") ? text.substring(1) : text;
  }
}
