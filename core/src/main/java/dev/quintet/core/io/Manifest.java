package dev.quintet.core.io;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
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
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;

/// The list of a directory's files with length and CRC32C, itself the file `manifest.json`.
///
/// Form: `{"format":1,"files":{"NAME":{"length":N,"crc32c":"8 hex digits"}, ...}}`; names are
/// relative, with `/` between folders, in order.
final class Manifest {
  static final String NAME = "manifest.json";

  private static final int FORMAT = 1;
  private static final long MAX_LENGTH = 64 << 20;
  private static final JsonFactory JSON =
      JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

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

  private byte[] toJson() {
    var bytes = new ByteArrayOutputStream();
    try (var json = JSON.createGenerator(ObjectWriteContext.empty(), bytes)) {
      json.writeStartObject();
      json.writeNumberProperty("format", FORMAT);
      json.writeObjectPropertyStart("files");
      files.forEach((name, sum) -> {
        json.writeObjectPropertyStart(name);
        json.writeNumberProperty("length", sum.length);
        json.writeStringProperty("crc32c", hex(sum.crc));
        json.writeEndObject();
      });
      json.writeEndObject();
      json.writeEndObject();
    }
    return bytes.toByteArray();
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
    try (JsonParser json = JSON.createParser(ObjectReadContext.empty(), bytes)) {
      readRoot(json);
    } catch (JacksonException e) {
      throw new MalformedFileException(
          path, 0, "not valid JSON: " + JsonFault.plain(e.getOriginalMessage()));
    }
  }

  private void readRoot(JsonParser json) {
    boolean formatSeen = false;
    boolean filesSeen = false;
    expect(json, json.nextToken() == JsonToken.START_OBJECT, "an object");
    while (json.nextToken() == JsonToken.PROPERTY_NAME) {
      String field = json.currentName();
      json.nextToken();
      switch (field) {
        case "format" -> {
          expect(json, isInteger(json) && json.getLongValue() == FORMAT, "format 1");
          formatSeen = true;
        }
        case "files" -> {
          expect(json, json.currentToken() == JsonToken.START_OBJECT, "an object of files");
          while (json.nextToken() == JsonToken.PROPERTY_NAME) {
            files.put(json.currentName(), readSum(json));
          }
          filesSeen = true;
        }
        default -> json.skipChildren();
      }
    }
    expect(json, formatSeen && filesSeen, "format and files");
    expect(json, json.nextToken() == null, "nothing more");
  }

  private Sum readSum(JsonParser json) {
    long length = -1;
    @Nullable String crc = null;
    expect(json, json.nextToken() == JsonToken.START_OBJECT, "length and crc32c");
    while (json.nextToken() == JsonToken.PROPERTY_NAME) {
      String field = json.currentName();
      json.nextToken();
      switch (field) {
        case "length" -> {
          expect(json, isInteger(json), "a length");
          length = json.getLongValue();
        }
        case "crc32c" -> crc = json.getString();
        default -> json.skipChildren();
      }
    }
    expect(json, length >= 0 && crc != null && crc.matches("[0-9a-f]{8}"), "length and crc32c");
    return new Sum(length, HexFormat.fromHexDigits(String.valueOf(crc)));
  }

  private static boolean isInteger(JsonParser json) {
    return json.currentToken() == JsonToken.VALUE_NUMBER_INT;
  }

  private void expect(JsonParser json, boolean holds, String what) {
    if (!holds) {
      throw new MalformedFileException(
          folder.resolve(NAME),
          Math.max(0, json.currentTokenLocation().getByteOffset()),
          "expected " + what);
    }
  }

  private String relative(Path path) {
    return folder.relativize(path).toString().replace(folder.getFileSystem().getSeparator(), "/");
  }

  private static String hex(int crc) {
    return HexFormat.of().toHexDigits(crc);
  }
}
