package dev.quintet.kernels.driver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class KernelRulesTest {

  private static final Cubin CUBIN = CubinTest.opcodes("sm_80");

  @Test
  void aKernelThatKeepsThemHasNoFaults() {
    assertEquals(List.of(), faults("layout", "widths"));
    assertEquals(List.of(), faults("norm", "widths"));
    assertEquals(List.of(), faults("matmul", "product"));
  }

  @Test
  void spillsStackAndArraysIndexedAtRunTimeAreFound() {
    assertTrue(has(faults("layout", "spilled"), "520 bytes of stack"));
    assertTrue(has(faults("layout", "spilled"), "153 LDL"));
    assertTrue(has(faults("attention", "local"), "128 bytes of stack"));
    assertTrue(has(faults("attention", "local"), "37 STL"));
    var spills = new MachineIndex.Kernel("layout", "sm_80", "widths", 26, 8, 0, 0, 32);
    assertTrue(has(KernelRules.faults(compiled(spills)), "8 bytes spilled"));
  }

  @Test
  void atomicOperationsAndMemoryOfUnknownKindAreFound() {
    assertTrue(has(faults("layout", "red"), "1 RED"));
    assertTrue(has(faults("layout", "atomg"), "1 ATOMG"));
    assertTrue(has(faults("layout", "atoms"), "1 ATOMS"));
    assertTrue(has(faults("layout", "atom"), "1 ATOM "));
    assertTrue(has(faults("layout", "generic"), "1 LD "));
    assertTrue(has(faults("layout", "generic"), "1 ST "));
  }

  @Test
  void missingInstructionsAreFoundWhereAFamilyNeedsThem() {
    assertTrue(has(faults("norm", "local"), "no LDG.128"));
    assertTrue(has(faults("norm", "local"), "no STG.128"));
    var product = new MachineIndex.Kernel("matmul", "sm_80", "matmul_bf16_x", 26, 0, 0, 0, 32);
    var faults = KernelRules.faults(compiled(product, "widths", OptionalInt.empty()));
    assertTrue(has(faults, "no HMMA") && has(faults, "no LDGSTS"), faults.toString());
    var hopper = new MachineIndex.Kernel("matmul_hopper", "sm_90a", "x", 200, 0, 0, 0, 384);
    faults = KernelRules.faults(compiled(hopper, "widths", OptionalInt.of(233_000)));
    assertTrue(has(faults, "no HGMMA") && has(faults, "no UTMALDG"), faults.toString());
    assertTrue(has(faults, "200 registers, at most 168"), faults.toString());
    assertTrue(has(faults, "233000 bytes of shared memory, at most 232448"), faults.toString());
  }

  @Test
  void aFenceInAStepOfHoppersProductsIsFound() {
    var said = new MachineIndex.Kernel("matmul_hopper", "sm_90a", "x", 168, 0, 0, 0, 384);
    assertTrue(!has(fenced(said, 5), "5 MEMBAR"), fenced(said, 5).toString());
    assertTrue(has(fenced(said, 7), "7 MEMBAR, at most 5"), fenced(said, 7).toString());
  }

  private static List<String> fenced(MachineIndex.Kernel said, int fences) {
    var opcodes = Map.of(Opcode.name(0x8992, 0x1fec000000a000L), fences);
    var found = new Cubin.Kernel(168, 0, 0, 384, 100, opcodes);
    return KernelRules.faults(new CompiledKernel(said, found, OptionalInt.empty()));
  }

  @Test
  void tooManyRegistersTooFewWarpsAndAnIndexOfAnotherImageAreFound() {
    var many = new MachineIndex.Kernel("layout", "sm_80", "widths", 65, 0, 0, 0, 256);
    var faults = KernelRules.faults(compiled(many));
    assertTrue(has(faults, "65 registers, at most 64"), faults.toString());
    assertTrue(has(faults, "24 warps on a multiprocessor of A100, not 32"), faults.toString());
    assertTrue(has(faults, "the index says"), faults.toString());
    var shared =
        KernelRules.faults(
            compiled(found("matmul", "product"), "product", OptionalInt.of(100_000)));
    assertTrue(has(shared, "1 warps on a multiprocessor of A100, not 8"), shared.toString());
  }

  private static List<String> faults(String family, String name) {
    return KernelRules.faults(compiled(found(family, name)));
  }

  /// What an honest index would say.
  private static MachineIndex.Kernel found(String family, String name) {
    Cubin.Kernel kernel = CubinTest.kernel(CUBIN, name);
    return new MachineIndex.Kernel(
        family,
        "sm_80",
        name,
        kernel.registers(),
        0,
        kernel.stack(),
        kernel.shared(),
        kernel.threads());
  }

  private static CompiledKernel compiled(MachineIndex.Kernel said) {
    return compiled(said, said.name(), OptionalInt.empty());
  }

  private static CompiledKernel compiled(
      MachineIndex.Kernel said, String name, OptionalInt dynamic) {
    return new CompiledKernel(said, CubinTest.kernel(CUBIN, name), dynamic);
  }

  private static boolean has(List<String> faults, String start) {
    return faults.stream().anyMatch(fault -> fault.startsWith(start));
  }
}
