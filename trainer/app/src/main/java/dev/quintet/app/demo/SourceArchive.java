package dev.quintet.app.demo;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/// Sources in a zip or jar, read with limits that hold whatever the archive says of itself.
///
/// Members with absolute names or `..` are ignored: their names only ever label examples, but a
/// name that tries to leave the archive is no source's.
final class SourceArchive implements SourceTree {
  /// The JDK's largest source file has 0.9 MB.
  static final int MAX_FILE_BYTES = 8 << 20;

  /// Source code packs 3 to 30 times; a member beyond this ratio was made to exhaust its reader.
  private static final int MAX_RATIO = 200;

  private static final int RATIO_FROM_BYTES = 1 << 18;
  private static final long MAX_TOTAL_BYTES = 4L << 30;

  private final Path file;
  private final ZipFile zip;
  private final List<String> paths;
  private final Set<String> excludedMethods;
  private final AtomicLong totalBytes = new AtomicLong();

  private SourceArchive(Path file, ZipFile zip, List<String> paths, Set<String> excludedMethods) {
    this.file = file;
    this.zip = zip;
    this.paths = paths;
    this.excludedMethods = excludedMethods;
  }

  static SourceArchive open(Path file, Predicate<String> wanted, Set<String> excludedMethods)
      throws IOException {
    ZipFile zip;
    try {
      zip = new ZipFile(file.toFile());
    } catch (ZipException e) {
      throw new IOException(
          "%s is no folder and no readable zip or jar (%s); give a folder, a zip or a jar of Java sources"
              .formatted(file, e.getMessage()),
          e);
    }
    var paths = new TreeSet<String>();
    zip.stream()
        .filter(entry -> !entry.isDirectory())
        .map(ZipEntry::getName)
        .filter(name -> SourceTree.isSource(name) && isInside(name) && wanted.test(name))
        .forEach(paths::add);
    return new SourceArchive(file, zip, List.copyOf(paths), excludedMethods);
  }

  private static boolean isInside(String name) {
    return !name.startsWith("/")
        && name.indexOf('\\') < 0
        && name.indexOf(':') < 0
        && !List.of(name.split("/")).contains("..");
  }

  @Override
  public String description() {
    return file.toString();
  }

  @Override
  public List<String> paths() {
    return paths;
  }

  @Override
  public Set<String> excludedMethods() {
    return excludedMethods;
  }

  @Override
  public String text(String path) throws IOException {
    ZipEntry entry = zip.getEntry(path);
    if (entry == null) {
      throw new IOException("%s has no member %s".formatted(file, path));
    }
    byte[] bytes;
    try (var in = zip.getInputStream(entry)) {
      bytes = in.readNBytes(limit(entry) + 1);
    }
    if (bytes.length > limit(entry)) {
      throw new IOException(
          "%s: member %s unpacks to more than %,d bytes, which no source file should"
              .formatted(file, path, limit(entry)));
    }
    if (totalBytes.addAndGet(bytes.length) > MAX_TOTAL_BYTES) {
      throw new ArchiveTooLargeException(
          "%s unpacks to more than %,d bytes of sources; unpack what is wanted and give the folder"
              .formatted(file, MAX_TOTAL_BYTES));
    }
    return SourceTree.decode(bytes);
  }

  /// The bytes that a member may unpack to; its packed size is where the data lie, so it cannot be
  /// larger than the file.
  private static int limit(ZipEntry entry) {
    long packed = Math.max(0, entry.getCompressedSize());
    return (int) Math.min(MAX_FILE_BYTES, Math.max(RATIO_FROM_BYTES, packed * MAX_RATIO));
  }

  @Override
  public void close() throws IOException {
    zip.close();
  }

  /// The archive as a whole is too much, so passing over one member does not help.
  static final class ArchiveTooLargeException extends IOException {
    private static final long serialVersionUID = 1L;

    ArchiveTooLargeException(String message) {
      super(message);
    }
  }
}
