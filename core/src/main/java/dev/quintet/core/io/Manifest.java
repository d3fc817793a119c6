package dev.quintet.core.io;

import dev.quintet.core.io.StrictJson.Kind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.TreeMap;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/// The list of a directory's files with length and CRC32C, itself the file `manifest.json`.
///
/// Form: `{"format":1,"files":{"NAME":{"length":N,"crc32c":"8 hex digits"}, ...}}`; names are
/// relative, with `/` between folders, in order.
final class Manifest {
  static final String NAME = "manifest.json";

  private static final int FORMAT = 1;
  private static final long MAX_LENGTH = 64 << 20;

  private record Sum(long length, int crc) {}

  private final Path folder;
  private final TreeMap<String, Sum> files = new TreeMap<>();

  private Manifest(Path folder) {
    this.folder = folder;
  }

  /// Forces every file and folder below a folder to the disk, then writes its manifest.
  static void seal(Path folder) throws IOException {
    var manifest = new Manifest(folder);
    try (var paths = Files.walk(folder)) {
      for (Path path : (Iterable<Path>) paths.sorted()::iterator) {
        if (Files.isRegularFile(path) && !path.equals(folder.resolve(NAME))) {
          AtomicFile.force(path);
          manifest.files.put(manifest.relative(path), sum(path));
        } else if (Files.isDirectory(path) && !path.equals(folder)) {
          AtomicFile.force(path);
        }
      }
    }
    AtomicFile.write(folder.resolve(NAME), manifest.toJson());
  }

  /// Checks every file of a sealed folder against its manifest; files that it does not name are not
  /// looked at.
  ///
  /// @throws MalformedFileException if there is no manifest, or a file is missing or differs
  static void verify(Path folder) {
    var manifest = new Manifest(folder);
    try {
      manifest.read();
      for (var entry : manifest.files.entrySet()) {
        manifest.verify(entry.getKey(), entry.getValue());
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot verify " + folder + ": " + e, e);
    }
  }

  /// What a folder holds beside the files that its manifest names; all of it without a manifest that can be read.
  static List<Path> strangers(Path folder) {
    if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
      return List.of();
    }
    var manifest = new Manifest(folder);
    var ours = new HashSet<Path>();
    var folders = new HashSet<Path>();
    var strangers = new ArrayList<Path>();
    try {
      try {
        manifest.read();
        ours.add(folder.resolve(NAME));
        for (String name : manifest.files.keySet()) {
          Path file = manifest.inside(name);
          ours.add(file);
          for (@Nullable Path above = file.getParent();
              above != null && folders.add(above);
              above = above.getParent()) {}
        }
      } catch (MalformedFileException e) {
        ours.clear(); // no word of it counts
        folders.clear();
      }
      folders.add(folder);
      Files.walkFileTree(
          folder,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path path, BasicFileAttributes attributes) {
              if (folders.contains(path)) {
                return FileVisitResult.CONTINUE;
              }
              strangers.add(path);
              return FileVisitResult.SKIP_SUBTREE;
            }

            @Override
            public FileVisitResult visitFile(Path path, BasicFileAttributes attributes) {
              if (!attributes.isRegularFile() || !ours.contains(path)) {
                strangers.add(path);
              }
              return FileVisitResult.CONTINUE;
            }
          });
    } catch (IOException e) {
      throw new UncheckedIOException("cannot look through " + folder + ": " + e, e);
    }
    strangers.sort(null);
    return strangers;
  }

  private void verify(String name, Sum expected) throws IOException {
    Path path = inside(name);
    Sum found;
    try {
      // Lengths first: they cost nothing.
      found = Files.size(path) == expected.length ? sum(path) : new Sum(Files.size(path), 0);
    } catch (NoSuchFileException e) {
      throw new MalformedFileException(path, 0, "the manifest names this file, but it is missing");
    }
    if (found.length != expected.length) {
      throw new MalformedFileException(
          path,
          Math.min(found.length, expected.length),
          "the manifest gives " + expected.length + " bytes, but there are " + found.length);
    }
    if (found.crc != expected.crc) {
      throw new MalformedFileException(
          path, 0, "the manifest gives another CRC32C than " + hex(found.crc));
    }
  }

  private Path inside(String name) {
    try {
      Path root = folder.normalize();
      Path path = root.resolve(name).normalize();
      if (path.startsWith(root) && !path.equals(root)) {
        return path;
      }
    } catch (InvalidPathException e) {
      // Reported below: no file can have this name.
    }
    throw new MalformedFileException(
        folder.resolve(NAME), 0, "file names must stay inside the folder, but one is " + name);
  }

  private static Sum sum(Path path) throws IOException {
    var crc = new CRC32C();
    var buffer = ByteBuffer.allocateDirect(1 << 16);
    long length = 0;
    try (var channel = FileChannel.open(path, StandardOpenOption.READ)) {
      while (channel.read(buffer.clear()) >= 0) {
        length += buffer.position();
        crc.update(buffer.flip());
      }
    }
    return new Sum(length, (int) crc.getValue());
  }

  private String toJson() {
    var json = new StringBuilder("{\"format\":" + FORMAT + ",\"files\":{");
    files.forEach((name, sum) -> {
      json.append(json.charAt(json.length() - 1) == '{' ? "" : ",");
      JsonText.quote(json, name).append(":{\"length\":").append(sum.length);
      json.append(",\"crc32c\":\"").append(hex(sum.crc)).append("\"}");
    });
    return json.append("}}").toString();
  }

  private void read() throws IOException {
    Path path = folder.resolve(NAME);
    byte[] bytes;
    try {
      long size = Files.size(path);
      if (size > MAX_LENGTH) {
        throw new MalformedFileException(path, MAX_LENGTH, "a manifest has at most 64 MiB");
      }
      bytes = Files.readAllBytes(path);
    } catch (NoSuchFileException e) {
      throw new MalformedFileException(path, 0, "a complete folder has a manifest, this one none");
    }
    try (StrictJson json =
        StrictJson.of(
            MemorySegment.ofArray(bytes),
            StrictJson.Limits.FILE,
            (place, rule) -> new MalformedFileException(path, place, rule))) {
      readRoot(json);
    }
  }

  private void readRoot(StrictJson json) {
    boolean formatSeen = false;
    boolean filesSeen = false;
    expect(json, json.next() == Kind.OBJECT, "an object");
    while (json.nextKey()) {
      Kind kind = json.next();
      switch (json.key()) {
        case "format" -> {
          expect(json, kind == Kind.WHOLE && json.whole() == FORMAT, "format 1");
          formatSeen = true;
        }
        case "files" -> {
          expect(json, kind == Kind.OBJECT, "an object of files");
          while (json.nextKey()) {
            files.put(json.key(), readSum(json));
          }
          filesSeen = true;
        }
        default -> json.skip();
      }
    }
    expect(json, formatSeen && filesSeen, "format and files");
    expect(json, json.next() == Kind.END, "nothing more");
  }

  private static Sum readSum(StrictJson json) {
    long length = -1;
    String crc = "";
    expect(json, json.next() == Kind.OBJECT, "length and crc32c");
    while (json.nextKey()) {
      Kind kind = json.next();
      switch (json.key()) {
        case "length" -> {
          expect(json, kind == Kind.WHOLE, "a length");
          length = json.whole();
        }
        case "crc32c" -> crc = json.text();
        default -> json.skip();
      }
    }
    expect(json, length >= 0 && crc.matches("[0-9a-f]{8}"), "length and crc32c");
    return new Sum(length, HexFormat.fromHexDigits(crc));
  }

  private static void expect(StrictJson json, boolean holds, String what) {
    if (!holds) {
      throw json.fault("expected " + what);
    }
  }

  private String relative(Path path) {
    return folder.relativize(path).toString().replace(folder.getFileSystem().getSeparator(), "/");
  }

  private static String hex(int crc) {
    return HexFormat.of().toHexDigits(crc);
  }
}
