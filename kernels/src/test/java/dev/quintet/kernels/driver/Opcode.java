package dev.quintet.kernels.driver;

import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/// The machine instructions that say something of a kernel, by the low 12 bits of their encoding on chips 8.x to 12.x.
///
/// The first thirteen but MEMBAR were compared with NVIDIA's disassembler; the atomic ones were learned from kernels of
/// one line (`opcodes.cu` of the tests' resources), with and without use of the operation's result, and MEMBAR from
/// kernels with and without fences.
enum Opcode {
  /// Products of tiles by a warp, and by four warps on 9.0, from shared memory or with the left side in registers.
  HMMA(0x23c),
  HGMMA(0x9f0, 0xdf0),
  /// Matrices from shared memory to registers.
  LDSM(0x83b),
  /// Global to shared memory without registers between.
  LDGSTS(0xfae),
  /// The other for all blocks of a cluster.
  UTMALDG(0x5b4, 0x3b4),
  /// Global memory.
  LDG(0x981),
  STG(0x986),
  /// Shared memory.
  LDS(0x984),
  STS(0x388, 0x988),
  /// A thread's own memory: spilled registers, arrays with an index that only the run knows.
  LDL(0x983),
  STL(0x387),
  /// Barriers of a block.
  BAR(0xb1d),
  /// Fences: what was written shows in the block or, dear, on the chip.
  MEMBAR(0x992),
  MUFU(0x308, 0x908),
  /// Memory of which the compiler does not know what kind it is.
  LD(0x980),
  ST(0x985),
  /// Atomic operations without and with a result: global, shared, unknown.
  RED(0x98e),
  REDG(0x9a6),
  ATOMG(0x9a8, 0x9a3, 0x3a9),
  ATOMS(0x38c, 0x98c, 0xf8c, 0x38d, 0x58d),
  ATOM(0x98a, 0x9a2, 0x3aa);

  private static final Map<Integer, Opcode> BY_CODE = new TreeMap<>();

  static {
    for (Opcode opcode : values()) {
      Arrays.stream(opcode.codes).forEach(code -> BY_CODE.put(code, opcode));
    }
  }

  private final int[] codes;

  Opcode(int... codes) {
    this.codes = codes;
  }

  /// By what an instruction is counted: the opcode's name, of loads and stores with the width in bits, such as
  /// `LDG.128`; empty for one that is none of these.
  ///
  /// @param low the first 8 bytes of the instruction
  /// @param high the others
  static String name(long low, long high) {
    Opcode opcode = BY_CODE.get((int) low & 0xfff);
    if (opcode == null) {
      return "";
    }
    return switch (opcode) {
      case LDG, STG, LDS, STS -> opcode + "." + width((int) (high >>> 9) & 7);
      case HMMA,
          HGMMA,
          LDSM,
          LDGSTS,
          UTMALDG,
          LDL,
          STL,
          BAR,
          MEMBAR,
          MUFU,
          LD,
          ST,
          RED,
          REDG,
          ATOMG,
          ATOMS,
          ATOM ->
          opcode.name();
    };
  }

  private static int width(int code) {
    return switch (code) {
      case 0, 1 -> 8;
      case 2, 3 -> 16;
      case 4 -> 32;
      case 5 -> 64;
      case 6 -> 128;
      default -> 256;
    };
  }
}
