package dev.quintet.app.demo;

import java.io.File;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/// Sources in a folder; links are not followed and unreadable folders are passed over.
final class SourceFolder implements SourceTree {
  private final Path root;
  private final String description;
  private final List<String> paths;

  private SourceFolder(Path root, String description, List<String> paths) {
    this.root = root;
    this.description = description;
    this.paths = paths;
  }

  static SourceFolder open(Path root) throws IOException {
    var paths = new TreeSet<String>();
    Files.walkFileTree(
        root,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            String path = root.relativize(file).toString().replace(File.separatorChar, '/');
            if (attributes.isRegularFile() && SourceTree.isSource(path)) {
              paths.add(path);
            }
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
            if (file.equals(root)) {
              throw e;
            }
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path folder, IOException e) {
            return FileVisitResult.CONTINUE;
          }
        });
    return new SourceFolder(root, root.toString(), List.copyOf(paths));
  }

  static SourceFolder single(Path file) {
    Path folder = file.toAbsolutePath().getParent();
    String name = String.valueOf(file.getFileName());
    return new SourceFolder(
        folder == null ? file.toAbsolutePath() : folder, file.toString(), List.of(name));
  }

  @Override
  public String description() {
    return description;
  }

  @Override
  public List<String> paths() {
    return paths;
  }

  @Override
  public Set<String> excludedMethods() {
    return Set.of();
  }

  @Override
  public String text(String path) throws IOException {
    try (var in = Files.newInputStream(root.resolve(path))) {
      byte[] bytes = in.readNBytes(SourceArchive.MAX_FILE_BYTES + 1);
      if (bytes.length > SourceArchive.MAX_FILE_BYTES) {
        throw new IOException(
            "%s: larger than %,d bytes, which no source file should be"
                .formatted(root.resolve(path), SourceArchive.MAX_FILE_BYTES));
      }
      return SourceTree.decode(bytes);
    }
  }

  @Override
  public void close() {}
}
