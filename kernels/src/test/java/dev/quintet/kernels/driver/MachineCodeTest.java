package dev.quintet.kernels.driver;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.core.io.MalformedFileException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;

class MachineCodeTest {

  private static final CudaDriver DRIVER = new CudaDriver(13_000);
  private static final Map<String, String> SOURCES =
      Map.of(
          "norm.cu",
          "#include \"a.cuh\"\nint x;\n",
          "a.cuh",
          "  # include \"b.cuh\"\n",
          "b.cuh",
          "");
  private static final String SOURCE =
      SourceHash.of(
              "norm", name -> Optional.ofNullable(SOURCES.get(name)).map(MachineCodeTest::utf8))
          .orElseThrow();
  private static final String INDEX =
      """
      # A comment.
      options -std=c++17 -O3
      image norm sm_80 norm.sm_80.cubin 00 %1$s 13.1.88 9.1
      kernel norm sm_80 norm_rows 40 0 0 0 256
      image norm sm_90a norm.sm_90a.cubin 00 %1$s 13.1.88 9.1
      image norm compute_80 norm.ptx 00 %1$s 13.1.88 9.1
      image loss sm_80 loss.sm_80.cubin 00 00 12.9.86 8.8
      """
          .formatted(SOURCE);

  @Test
  void aChipGetsTheCubinThatWasMadeForItAndLaterOnesPtx() {
    MachineCode code = code(INDEX, SOURCES);
    assertEquals("norm.sm_80.cubin", file(code, 8, 0));
    assertEquals("norm.sm_80.cubin", file(code, 8, 9));
    assertEquals("norm.sm_90a.cubin", file(code, 9, 0));
    CudaDriver later = new CudaDriver(13_010);
    for (int major : new int[] {10, 12}) {
      assertEquals(
          new MachineCode.Image("norm", "compute_80", "norm.ptx"),
          code.find("norm", chip(major, 0), later));
    }
  }

  @Test
  void whatCannotRunIsSaidInOneLine() {
    MachineCode code = code(INDEX, SOURCES);
    assertEquals(
        "V100 with compute capability 7.0 cannot run the kernels of norm, which need 8.0 or later",
        reason(code.find("norm", chip(7, 0), DRIVER)));
    assertEquals(
        "there is no machine code of softmax; run kernels/compile",
        reason(code.find("softmax", chip(8, 0), DRIVER)));
    assertEquals(
        "the machine code of norm was made by CUDA 13.1.88 and needs a driver for CUDA 13.0 or later; this one is for 12.6",
        reason(code.find("norm", chip(8, 0), new CudaDriver(12_060))));
    assertTrue(
        reason(code.find("norm", chip(10, 0), DRIVER)).contains("needs a driver for CUDA 13.1"));
    assertInstanceOf(
        MachineCode.Image.class, code.find("loss", chip(8, 0), new CudaDriver(12_000)));
  }

  @Test
  void machineCodeOfAnotherSourceIsNotUsed() {
    for (String changed : SOURCES.keySet()) {
      var sources = new HashMap<>(SOURCES);
      sources.merge(changed, "// Changed.\n", String::concat);
      MachineCode code = code(INDEX, sources);
      assertEquals(List.of("norm"), code.stale(), changed);
      assertEquals(
          "the machine code of norm is not that of its source; run kernels/compile",
          reason(code.find("norm", chip(8, 0), DRIVER)));
      assertInstanceOf(MachineCode.Image.class, code.find("loss", chip(8, 0), DRIVER));
    }
    assertEquals(List.of(), code(INDEX, SOURCES).stale());
  }

  @Test
  void ptxEndsWithAZeroAsTheDriverTakesIt() {
    MachineCode code = code(INDEX, SOURCES);
    assertArrayEquals(
        new byte[] {'n', 'o', 0},
        code.bytes(new MachineCode.Image("norm", "compute_80", "norm.ptx")));
    assertArrayEquals(
        new byte[] {'n', 'o'},
        code.bytes(new MachineCode.Image("norm", "sm_80", "norm.sm_80.cubin")));
    var gone = new MachineCode.Image("x", "sm_80", "gone");
    assertThrows(IllegalStateException.class, () -> code.bytes(gone));
  }

  @Test
  void anIndexThatIsNoneIsRefusedWithItsPlace() {
    assertEquals(
        "index.txt is malformed at byte 2: 'hello' is neither an image nor a kernel; run kernels/compile",
        refused("#\nhello\n"));
    assertTrue(refused("kernel a b c 1 2 3 4 x\n").contains("'x' should be a whole number"));
    assertTrue(refused("kernel a b c 1 2 3 4 -5\n").contains("'-5' should be a whole number"));
    String image = "image a sm_80 f 0 0 13.0 9.0\n";
    assertTrue(refused(image + image).contains("a second image of a for sm_80"));
  }

  private static MachineCode code(String index, Map<String, String> sources) {
    return new MachineCode(
        name ->
            switch (name) {
              case MachineIndex.NAME -> Optional.of(utf8(index));
              case "gone.gz" -> Optional.empty();
              default -> Optional.of(packed(name.substring(0, 2)));
            },
        name -> Optional.ofNullable(sources.get(name)).map(MachineCodeTest::utf8));
  }

  private static byte[] packed(String text) {
    var out = new ByteArrayOutputStream();
    try (var gzip = new GZIPOutputStream(out)) {
      gzip.write(utf8(text));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return out.toByteArray();
  }

  private static String refused(String index) {
    return assertThrows(MalformedFileException.class, () -> MachineIndex.read(utf8(index)))
        .getMessage();
  }

  private static String file(MachineCode code, int major, int minor) {
    return assertInstanceOf(MachineCode.Image.class, code.find("norm", chip(major, minor), DRIVER))
        .file();
  }

  private static String reason(MachineCode.Found found) {
    return assertInstanceOf(MachineCode.None.class, found).reason();
  }

  private static Chip chip(int major, int minor) {
    return new Chip("V100", major, minor, 80, 98_304, 1L << 34);
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
