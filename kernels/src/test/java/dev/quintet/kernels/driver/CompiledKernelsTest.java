package dev.quintet.kernels.driver;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The machine code that is committed: whether it is that of the sources, and what it looks like.
class CompiledKernelsTest {

  private static final Path MODULE = Path.of("").toAbsolutePath();
  private static final Path IMAGES = CompiledKernel.images(MODULE);

  @Test
  void isThatOfTheSources() throws IOException {
    var stale = new ArrayList<>(new MachineCode(CompiledKernelsTest::image, this::source).stale());
    MachineIndex index = index();
    for (String family : families()) {
      if (index.image(family, "sm_80").isEmpty()) {
        stale.add(family);
      }
    }
    if (!stale.isEmpty() && !hasCompiler()) {
      String line = "not checked, without nvcc: the machine code of " + stale + " is out of date";
      System.out.println(line);
      abort(line);
    }
    assertEquals(List.of(), stale, "machine code is out of date: run kernels/compile");
  }

  @Test
  void isWhatTheIndexSays() throws IOException {
    var files = new ArrayList<>(List.of(MachineIndex.NAME));
    for (MachineIndex.Image image : index().images()) {
      files.add(image.file() + MachineIndex.COMPRESSED);
      assertEquals(image.sum(), SourceHash.of(CompiledKernel.image(MODULE, image)), image.file());
    }
    try (Stream<Path> there = Files.list(IMAGES)) {
      assertEquals(
          files.stream().sorted().toList(),
          there.map(file -> file.getFileName().toString()).sorted().toList());
    }
    for (MachineIndex.Image image : index().images()) {
      if (image.file().endsWith(".cubin")) {
        Path path = Path.of(image.file());
        assertEquals(
            List.copyOf(Cubin.read(path, CompiledKernel.image(MODULE, image)).kernels().keySet()),
            index().kernels().stream()
                .filter(kernel ->
                    kernel.family().equals(image.family())
                        && kernel.architecture().equals(image.architecture()))
                .map(MachineIndex.Kernel::name)
                .toList());
      }
    }
  }

  @Test
  void keepsEveryRule() {
    var faults = new ArrayList<String>();
    for (CompiledKernel kernel : CompiledKernel.all(MODULE)) {
      for (String fault : KernelRules.faults(kernel)) {
        faults.add(kernel.said().name() + " for " + kernel.said().architecture() + ": " + fault);
      }
    }
    assertEquals("", String.join("\n", faults));
  }

  @Test
  void theTableIsThatOfTheMachineCode() throws IOException {
    assertEquals(
        KernelTable.page(MODULE),
        Files.readString(MODULE.resolve("KERNELS.md")),
        "KERNELS.md is out of date: run kernels/compile");
  }

  @Test
  @Tag("slow")
  void theCompilerMakesTheSameBytesAgain(@TempDir Path folder) throws Exception {
    assumeTrue(hasCompiler(), "nvcc is not here");
    String version = output(List.of("nvcc", "--version"), folder);
    MachineIndex index = index();
    for (MachineIndex.Image image : index.images()) {
      assumeTrue(
          version.contains("V" + image.compiler()),
          "machine code was made by nvcc " + image.compiler() + ", here is " + version.strip());
      Path made = folder.resolve(image.file());
      compile(image.family(), image.architecture(), made);
      assertArrayEquals(
          CompiledKernel.image(MODULE, image), Files.readAllBytes(made), image.file());
    }
  }

  /// Blackwell runs what its driver makes of the PTX; that every source compiles for it is known only by doing so. What
  /// its own kernels would keep to comes with them: here a line says which of these have a stack there.
  @Test
  @Tag("slow")
  void theSourcesCompileForBlackwell(@TempDir Path folder) throws Exception {
    assumeTrue(hasCompiler(), "nvcc is not here");
    for (String architecture : List.of("sm_100", "sm_120")) {
      for (String family : families()) {
        Path made = folder.resolve(family + "." + architecture);
        compile(family, architecture, made);
        var kernels = Cubin.read(made, Files.readAllBytes(made)).kernels();
        assertEquals(
            index().kernels().stream()
                .filter(kernel -> kernel.family().equals(family))
                .map(MachineIndex.Kernel::name)
                .distinct()
                .toList(),
            List.copyOf(kernels.keySet()));
        kernels.forEach((name, kernel) -> {
          if (kernel.stack() > 0) {
            System.out.println(
                name + " for " + architecture + ": " + kernel.stack() + " bytes of stack");
          }
        });
      }
    }
  }

  private static void compile(String family, String architecture, Path made) throws Exception {
    var command = new ArrayList<>(List.of("nvcc"));
    command.addAll(List.of(index().options().split(" ")));
    command.add("-arch=" + architecture);
    command.add(architecture.startsWith("sm_") ? "-cubin" : "-ptx");
    command.addAll(List.of("-o", made.toString(), family + ".cu"));
    output(command, CompiledKernel.source(MODULE, family).resolveSibling("."));
  }

  private static String output(List<String> command, Path folder) throws Exception {
    Process process =
        new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true).start();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), command + ": " + text);
    return text;
  }

  private static boolean hasCompiler() {
    return Stream.of(Optional.ofNullable(System.getenv("PATH")).orElse("").split(":"))
        .anyMatch(folder -> Files.isExecutable(Path.of(folder, "nvcc")));
  }

  private static List<String> families() throws IOException {
    try (Stream<Path> files = Files.list(MODULE.resolve("src/main/cuda"))) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".cu"))
          .map(name -> name.substring(0, name.length() - ".cu".length()))
          .sorted()
          .toList();
    }
  }

  private static MachineIndex index() {
    return MachineIndex.read(CompiledKernel.bytes(IMAGES.resolve(MachineIndex.NAME)));
  }

  private static Optional<byte[]> image(String name) {
    return read(IMAGES.resolve(name));
  }

  private Optional<byte[]> source(String name) {
    return read(MODULE.resolve("src/main/cuda").resolve(name));
  }

  private static Optional<byte[]> read(Path path) {
    return Files.exists(path) ? Optional.of(CompiledKernel.bytes(path)) : Optional.empty();
  }
}
