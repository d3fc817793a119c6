package dev.quintet.kernels.driver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.core.io.MalformedFileException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CubinTest {

  @ParameterizedTest
  @ValueSource(strings = {"sm_80", "sm_90a"})
  void countsTheAtomicOperationsOfEachKernelAndNoOthers(String architecture) {
    Cubin cubin = opcodes(architecture);
    boolean hopper = cubin.architecture() == 90;
    assertEquals(Map.of("RED", 1), atomics(cubin, "red"));
    assertEquals(Map.of(hopper ? "REDG" : "RED", 1), atomics(cubin, "red_float"));
    assertEquals(Map.of("ATOMG", 1), atomics(cubin, "atomg"));
    assertEquals(Map.of("ATOMG", 1), atomics(cubin, "atomg_float"));
    assertEquals(Map.of("ATOMG", 1), atomics(cubin, "atomg_compare"));
    for (String name : Set.of("atoms", "atoms_one", "atoms_double", "atoms_compare")) {
      assertEquals(Map.of("ATOMS", 1), atomics(cubin, name), name);
    }
    assertEquals(Map.of("ATOM", 1), atomics(cubin, "atom"));
    for (String name : Set.of("generic", "widths", "local", "spilled", "product")) {
      assertEquals(Map.of(), atomics(cubin, name), name);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"sm_80", "sm_90a"})
  void tellsLoadsAndStoresByTheirWidthAndTheirMemory(String architecture) {
    Cubin cubin = opcodes(architecture);
    Cubin.Kernel widths = kernel(cubin, "widths");
    for (Opcode opcode : Set.of(Opcode.LDG, Opcode.STG)) {
      assertEquals(5, widths.count(opcode));
      for (int bits = 8; bits <= 128; bits *= 2) {
        assertEquals(1, widths.count(opcode, bits), opcode + " " + bits);
      }
    }
    Cubin.Kernel generic = kernel(cubin, "generic");
    assertEquals(1, generic.count(Opcode.LD));
    assertEquals(1, generic.count(Opcode.ST));
    assertEquals(1, generic.count(Opcode.STS, 32));
    assertEquals(1, generic.count(Opcode.LDS, 32));
    assertEquals(2, generic.count(Opcode.BAR));
    Cubin.Kernel product = kernel(cubin, "product");
    for (Opcode opcode : Set.of(Opcode.LDGSTS, Opcode.LDSM, Opcode.HMMA)) {
      assertEquals(1, product.count(opcode), opcode.name());
    }
    assertEquals(0, product.count(Opcode.LDG));
  }

  /// The figures are those that `ptxas -v` printed.
  @ParameterizedTest
  @ValueSource(strings = {"sm_80", "sm_90a"})
  void findsRegistersStackSharedMemoryAndThreadsOfEachKernel(String architecture) {
    Cubin cubin = opcodes(architecture);
    assertEquals(architecture.equals("sm_80") ? 80 : 90, cubin.architecture());
    assertEquals(15, cubin.kernels().size());
    Cubin.Kernel product = kernel(cubin, "product");
    assertEquals(architecture.equals("sm_80") ? 14 : 16, product.registers());
    assertEquals(512, product.shared());
    assertEquals(0, product.stack());
    assertEquals(32, product.threads());
    Cubin.Kernel local = kernel(cubin, "local");
    assertEquals(41, local.registers());
    assertEquals(128, local.stack());
    assertTrue(local.count(Opcode.LDL) > 0 && local.count(Opcode.STL) > 0);
    Cubin.Kernel spilled = kernel(cubin, "spilled");
    assertEquals(64, spilled.registers());
    assertEquals(520, spilled.stack());
    assertEquals(153, spilled.count(Opcode.LDL));
    assertEquals(1024, spilled.threads());
  }

  @Test
  void saysAtWhichByteAFileIsNoCubin() {
    assertEquals(
        "x is malformed at byte 0: shorter than the 64 bytes of an ELF header",
        refused(new byte[63]));
    assertEquals(
        "x is malformed at byte 0: no ELF file",
        refused("<!DOCTYPE html>".repeat(9).getBytes(StandardCharsets.UTF_8)));
    byte[] bytes = bytes("sm_80");
    assertEquals(
        "x is malformed at byte 18: not for CUDA (machine 190)", refused(changed(bytes, 18, 62)));
    assertEquals(
        "x is malformed at byte 7: not written by CUDA 13 (ABI 41.8)",
        refused(changed(bytes, 8, 7)));
    assertEquals(
        "x is malformed at byte 40: the table of sections is not inside the file",
        refused(Arrays.copyOf(bytes, bytes.length / 2)));
  }

  @Test
  void damageIsRefusedOrReadButNeverCrashesTheReader() {
    byte[] bytes = bytes("sm_80");
    long seed = 20260911;
    System.out.println("seed " + seed);
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    ByteBuffer header = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    int sections = (int) header.getLong(40);
    int count = header.getShort(60);
    int refused = 0;
    for (int round = 0; round < 4000; round++) {
      byte[] damaged = bytes.clone();
      ByteBuffer into = ByteBuffer.wrap(damaged).order(ByteOrder.LITTLE_ENDIAN);
      for (int i = 0; i <= random.nextInt(3); i++) {
        // Headers and descriptions of sections, where damage leads furthest; or anywhere.
        int at =
            switch (random.nextInt(3)) {
              case 0 -> random.nextInt(60);
              case 1 -> sections + random.nextInt(64 * count - 8);
              default -> random.nextInt(bytes.length - 8);
            };
        switch (random.nextInt(3)) {
          case 0 -> damaged[at] = (byte) random.nextInt();
          case 1 -> into.putInt(at, random.nextInt());
          default -> into.putLong(at, random.nextLong() >> random.nextInt(64));
        }
      }
      if (random.nextInt(8) == 0) {
        damaged = Arrays.copyOf(damaged, random.nextInt(bytes.length));
      }
      try {
        Cubin.read(Path.of("x"), damaged);
      } catch (MalformedFileException e) {
        refused++;
      } catch (RuntimeException e) {
        throw new AssertionError("round " + round + " of seed " + seed, e);
      }
    }
    assertTrue(refused > 1000, refused + " of 4000");
  }

  static Cubin opcodes(String architecture) {
    return Cubin.read(Path.of(architecture), bytes(architecture));
  }

  static Cubin.Kernel kernel(Cubin cubin, String name) {
    Cubin.Kernel kernel = cubin.kernels().get(name);
    if (kernel == null) {
      throw new AssertionError(name + " is not among " + cubin.kernels().keySet());
    }
    return kernel;
  }

  private static Map<String, Integer> atomics(Cubin cubin, String name) {
    var kinds = new TreeSet<>(Set.of("RED", "REDG", "ATOMG", "ATOMS", "ATOM"));
    return kernel(cubin, name).opcodes().entrySet().stream()
        .filter(e -> kinds.contains(e.getKey()))
        .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
  }

  private static String refused(byte[] bytes) {
    return assertThrows(MalformedFileException.class, () -> Cubin.read(Path.of("x"), bytes))
        .getMessage();
  }

  private static byte[] changed(byte[] bytes, int at, int value) {
    byte[] copy = bytes.clone();
    copy[at] = (byte) value;
    return copy;
  }

  private static byte[] bytes(String architecture) {
    try (InputStream in =
        CubinTest.class.getResourceAsStream("opcodes." + architecture + ".cubin")) {
      if (in == null) {
        throw new AssertionError("no fixture for " + architecture);
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
