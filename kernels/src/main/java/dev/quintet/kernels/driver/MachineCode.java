package dev.quintet.kernels.driver;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Function;

/// The compiled kernels that this library carries, and which of them a chip runs.
///
/// An image holds all kernels of a family. A cubin runs on the chips that it was made for; PTX is compiled by the
/// driver, which takes seconds, and runs on all later ones. The library carries the sources too, and takes no image
/// that was made from other ones: machine code that disagrees with its launcher would compute garbage.
public final class MachineCode {
  private static final System.Logger LOG = System.getLogger(MachineCode.class.getName());
  private static final String SOURCES = "/dev/quintet/kernels/source/";

  private final MachineIndex index;
  private final Function<String, Optional<byte[]>> images;
  private final TreeSet<String> stale = new TreeSet<>();

  /// What there is of a family for a chip.
  public sealed interface Found {}

  /// Machine code.
  ///
  /// @param architecture `sm_80` of a cubin, `compute_80` of PTX
  /// @param file its name among the images
  public record Image(String family, String architecture, String file) implements Found {
    /// Whether the driver has to compile it.
    public boolean ptx() {
      return architecture.startsWith("compute_");
    }
  }

  /// Nothing that could run.
  ///
  /// @param reason one line that says why, and what to do
  public record None(String reason) implements Found {}

  /// Machine code of some folder.
  ///
  /// @param images the index and the images by name
  /// @param sources the sources by name; where a family has none, its images are taken as they are
  MachineCode(
      Function<String, Optional<byte[]>> images, Function<String, Optional<byte[]>> sources) {
    this.images = images;
    index = MachineIndex.read(images.apply(MachineIndex.NAME).orElseGet(() -> new byte[0]));
    for (var image : index.images()) {
      SourceHash.of(image.family(), sources)
          .filter(hash -> !hash.equals(image.source()))
          .ifPresent(hash -> stale.add(image.family()));
    }
    if (!stale.isEmpty()) {
      LOG.log(
          Level.WARNING,
          "the machine code of %s is not that of the sources and is not used; run kernels/compile"
              .formatted(String.join(", ", stale)));
    }
  }

  /// The machine code that this library carries.
  public static MachineCode carried() {
    return new MachineCode(
        name -> resource(MachineIndex.FOLDER + name), name -> resource(SOURCES + name));
  }

  /// The image of a family that a chip runs: a cubin made for it, else PTX.
  public Found find(String family, Chip chip, CudaDriver driver) {
    if (stale.contains(family)) {
      return new None(
          "the machine code of " + family + " is not that of its source; run kernels/compile");
    }
    if (index.images().stream().noneMatch(image -> image.family().equals(family))) {
      return new None("there is no machine code of " + family + "; run kernels/compile");
    }
    for (String architecture : architectures(chip)) {
      var image = index.image(family, architecture);
      if (image.isPresent()) {
        var found = new Image(family, architecture, image.get().file());
        var needed = new CudaDriver(needed(image.get(), found.ptx()));
        return driver.version() >= needed.version()
            ? found
            : new None(
                "the machine code of %s was made by CUDA %s and needs a driver for CUDA %s or later; this one is for %s"
                    .formatted(
                        family,
                        image.get().compiler(),
                        needed.versionText(),
                        driver.versionText()));
      }
    }
    return new None(chip + " cannot run the kernels of " + family + ", which need 8.0 or later");
  }

  /// An image as the driver takes it; PTX ends with a zero.
  ///
  /// @throws IllegalStateException if the library lacks it
  public byte[] bytes(Image image) {
    byte[] bytes =
        images
            .apply(image.file() + MachineIndex.COMPRESSED)
            .map(MachineIndex::unpacked)
            .orElseThrow(() ->
                new IllegalStateException(
                    "this library lacks the machine code " + image.file() + "; build it anew"));
    return image.ptx() ? Arrays.copyOf(bytes, bytes.length + 1) : bytes;
  }

  /// The families of which machine code is carried that is not that of the sources.
  public List<String> stale() {
    return List.copyOf(stale);
  }

  /// The families of which there is machine code.
  List<String> families() {
    return index.images().stream().map(MachineIndex.Image::family).distinct().sorted().toList();
  }

  /// The version of CUDA whose compiler made an image.
  String compiler(Image image) {
    return index
        .image(image.family(), image.architecture())
        .map(MachineIndex.Image::compiler)
        .orElseThrow();
  }

  /// The first version of CUDA whose driver loads an image: drivers take machine code of any compiler of their own major
  /// version or of an earlier one, PTX only up to their version.
  private static int needed(MachineIndex.Image image, boolean ptx) {
    String[] compiler = image.compiler().split("\\.");
    int major = 1000 * Integer.parseInt(compiler[0]);
    return ptx ? major + 10 * Integer.parseInt(compiler[1]) : major;
  }

  /// What runs on a chip, the best first.
  private static List<String> architectures(Chip chip) {
    if (chip.major() == 8) {
      return List.of("sm_80", "compute_80");
    }
    // Code for 9.0's own instructions runs nowhere else.
    if (chip.capability() == 90) {
      return List.of("sm_90a", "compute_80");
    }
    return chip.major() > 8 ? List.of("compute_80") : List.of();
  }

  private static Optional<byte[]> resource(String path) {
    try (InputStream in = MachineCode.class.getResourceAsStream(path)) {
      return in == null ? Optional.empty() : Optional.of(in.readAllBytes());
    } catch (IOException e) {
      throw new UncheckedIOException(path + " cannot be read", e);
    }
  }
}
