package dev.quintet.kernels.driver;

import dev.quintet.core.io.MalformedFileException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.zip.GZIPInputStream;

/// What `kernels/compile` wrote of the images that it made: a line for each image and each kernel in it.
///
/// @param options the compiler's
record MachineIndex(String options, List<Image> images, List<Kernel> kernels) {

  /// The folder of resources in which the images and this index lie.
  static final String FOLDER = "/dev/quintet/kernels/machine/";

  static final String NAME = "index.txt";

  /// Behind the name of an image that lies there compressed.
  static final String COMPRESSED = ".gz";

  /// Machine code of all kernels of a family.
  ///
  /// @param architecture `sm_80` of a cubin, `compute_80` of PTX
  /// @param file its name without [#COMPRESSED]
  /// @param sum SHA-256 of the image
  /// @param source [SourceHash] of what it was compiled from
  /// @param compiler version of nvcc
  /// @param ptx version of PTX that the compiler writes, which tells the driver needed
  record Image(
      String family,
      String architecture,
      String file,
      String sum,
      String source,
      String compiler,
      String ptx) {}

  /// What the assembler said of a kernel, which PTX has none of.
  ///
  /// @param registers a thread
  /// @param spilled bytes of registers stored to and loaded from memory
  /// @param stack bytes a thread
  /// @param shared bytes of static shared memory a block
  /// @param threads at most, a block
  record Kernel(
      String family,
      String architecture,
      String name,
      int registers,
      int spilled,
      int stack,
      int shared,
      int threads) {}

  MachineIndex {
    images = List.copyOf(images);
    kernels = List.copyOf(kernels);
  }

  /// Reads the index.
  ///
  /// @throws MalformedFileException if a line is none that `kernels/compile` writes
  static MachineIndex read(byte[] bytes) {
    String options = "";
    var images = new ArrayList<Image>();
    var kernels = new ArrayList<Kernel>();
    var seen = new HashSet<String>();
    long place = 0;
    for (String line : new String(bytes, StandardCharsets.UTF_8).split("\n")) {
      String[] word = line.split(" ");
      switch (line.isEmpty() || line.startsWith("#") ? "" : word[0] + " " + word.length) {
        case "" -> {}
        case "image 8" ->
            images.add(new Image(word[1], word[2], word[3], word[4], word[5], word[6], word[7]));
        case "kernel 9" ->
            kernels.add(
                new Kernel(
                    word[1],
                    word[2],
                    word[3],
                    number(word[4], place),
                    number(word[5], place),
                    number(word[6], place),
                    number(word[7], place),
                    number(word[8], place)));
        default -> {
          if (!word[0].equals("options")) {
            throw malformed(place, "'" + line + "' is neither an image nor a kernel");
          }
          options = line.substring(word[0].length()).strip();
        }
      }
      String key = word.length < 4 ? "" : word[0] + word[1] + " " + word[2];
      if (key.startsWith("image") && !seen.add(key)) {
        throw malformed(place, "a second image of " + word[1] + " for " + word[2]);
      }
      place += line.getBytes(StandardCharsets.UTF_8).length + 1;
    }
    return new MachineIndex(options, images, kernels);
  }

  /// An image's bytes out of its compressed file.
  static byte[] unpacked(byte[] file) {
    try (var in = new GZIPInputStream(new ByteArrayInputStream(file))) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException("an image is damaged; run kernels/compile", e);
    }
  }

  /// The image of a family for an architecture.
  Optional<Image> image(String family, String architecture) {
    return images.stream()
        .filter(i -> i.family.equals(family) && i.architecture.equals(architecture))
        .findFirst();
  }

  private static int number(String word, long place) {
    try {
      int value = Integer.parseInt(word);
      if (value >= 0) {
        return value;
      }
    } catch (NumberFormatException e) {
      // Refused below.
    }
    throw malformed(place, "'" + word + "' should be a whole number");
  }

  private static MalformedFileException malformed(long place, String rule) {
    return new MalformedFileException(Path.of(NAME), place, rule + "; run kernels/compile");
  }
}
