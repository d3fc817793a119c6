package dev.quintet.kernels.driver;

import dev.quintet.core.io.MalformedFileException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// The kernels of a cubin: an ELF file with machine code for one architecture, as CUDA 13 writes it.
///
/// A kernel K has its instructions, 16 bytes each, in section `.text.K`, its static shared memory in `.nv.shared.K`
/// and its launch bounds in `.nv.info.K`; `.nv.info` has registers and stack of all of them by symbol.
///
/// @param architecture such as 80 or 90
/// @param kernels by name
record Cubin(int architecture, Map<String, Kernel> kernels) {

  /// What one kernel needs and holds.
  ///
  /// @param registers a thread
  /// @param stack bytes a thread
  /// @param shared bytes of static shared memory a block
  /// @param threads a block, at most; 0 if the source does not say
  /// @param instructions all of them
  /// @param opcodes counts by [Opcode#name]
  record Kernel(
      int registers,
      int stack,
      int shared,
      int threads,
      int instructions,
      Map<String, Integer> opcodes) {

    /// How often an instruction stands in it, whatever its width.
    int count(Opcode opcode) {
      return opcodes.entrySet().stream()
          .filter(e -> e.getKey().equals(opcode.name()) || e.getKey().startsWith(opcode + "."))
          .mapToInt(Map.Entry::getValue)
          .sum();
    }

    /// How often a load or store of a width stands in it.
    int count(Opcode opcode, int bits) {
      return opcodes.getOrDefault(opcode + "." + bits, 0);
    }
  }

  /// Reads one.
  ///
  /// @throws MalformedFileException if it is none, or breaks off
  static Cubin read(Path path, byte[] bytes) {
    return new Reader(path, bytes).read();
  }

  private record Section(String name, int type, int place, int size, int link) {}

  private static final class Reader {
    private static final int CUDA = 190;
    private static final int NO_BITS = 8;
    // Attributes of .nv.info: with a payload of their own size, and which.
    private static final int SIZED = 4;
    private static final int MAX_THREADS = 0x05;
    private static final int FRAME_SIZE = 0x11;
    private static final int REGISTERS = 0x2f;

    private final Path path;
    private final ByteBuffer bytes;
    private final Map<String, Section> sections = new TreeMap<>();
    private final List<Section> inOrder = new ArrayList<>();

    Reader(Path path, byte[] bytes) {
      this.path = path;
      this.bytes = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    Cubin read() {
      demand(bytes.limit() >= 64, 0, "shorter than the 64 bytes of an ELF header");
      demand(bytes.getInt(0) == 0x464c457f, 0, "no ELF file");
      demand(bytes.get(4) == 2 && bytes.get(5) == 1, 4, "not of 64 bits, little-endian");
      demand(bytes.getShort(18) == CUDA, 18, "not for CUDA (machine 190)");
      demand(bytes.get(7) == 0x41 && bytes.get(8) == 8, 7, "not written by CUDA 13 (ABI 41.8)");
      readSections();
      Map<String, Integer> registers = new TreeMap<>();
      Map<String, Integer> frames = new TreeMap<>();
      readAttributes(registers, frames);
      var kernels = new TreeMap<String, Kernel>();
      for (Section section : inOrder) {
        if (section.name.startsWith(".text.")) {
          String name = section.name.substring(".text.".length());
          demand(registers.containsKey(name), section.place, "no number of registers of " + name);
          kernels.put(
              name, kernel(section, registers.getOrDefault(name, 0), frames.getOrDefault(name, 0)));
        }
      }
      return new Cubin(architecture(), kernels);
    }

    private int architecture() {
      return bytes.getInt(48) >>> 8 & 0xff;
    }

    private void readSections() {
      long place = bytes.getLong(40);
      int entry = bytes.getShort(58) & 0xffff;
      int count = bytes.getShort(60) & 0xffff;
      int names = bytes.getShort(62) & 0xffff;
      demand(entry == 64, 58, "sections should be described in 64 bytes");
      demand(inside(place, 64L * count), 40, "the table of sections is not inside the file");
      demand(names < count, 62, "the section of names is none of " + count);
      Section text = section("", (int) place + 64 * names);
      for (int i = 0; i < count; i++) {
        int at = (int) place + 64 * i;
        Section section = section(string(text, bytes.getInt(at), at), at);
        inOrder.add(section);
        demand(
            sections.put(section.name, section) == null || section.name.isEmpty(),
            at,
            "a second section " + section.name);
      }
    }

    private Section section(String name, int at) {
      int type = bytes.getInt(at + 4);
      long place = bytes.getLong(at + 24);
      long size = bytes.getLong(at + 32);
      boolean there = type == NO_BITS ? size >= 0 && size < 1 << 30 : inside(place, size);
      demand(there, at, "section '" + name + "' is not inside the file");
      return new Section(
          name, type, type == NO_BITS ? 0 : (int) place, (int) size, bytes.getInt(at + 40));
    }

    private void readAttributes(Map<String, Integer> registers, Map<String, Integer> frames) {
      Section info = sections.get(".nv.info");
      if (info == null) {
        return;
      }
      demand(
          info.link >= 0 && info.link < inOrder.size(), info.place, "no table of symbols for it");
      Section symbols = inOrder.get(info.link);
      attributes(
          info,
          (kind, at, size) -> {
            if (kind == REGISTERS || kind == FRAME_SIZE) {
              demand(size == 8, at, "8 bytes were expected, not " + size);
              int value = bytes.getInt(at + 4);
              demand(value >= 0, at + 4, "a negative size");
              (kind == REGISTERS ? registers : frames)
                  .put(symbol(symbols, bytes.getInt(at), at), value);
            }
          });
    }

    private String symbol(Section symbols, int index, int at) {
      demand(
          index >= 0 && 24L * index + 24 <= symbols.size && symbols.type != NO_BITS,
          at,
          "symbol " + index + " is not there");
      demand(
          symbols.link >= 0 && symbols.link < inOrder.size(),
          symbols.place,
          "symbols have no names");
      int place = symbols.place + 24 * index;
      return string(inOrder.get(symbols.link), bytes.getInt(place), place);
    }

    private Kernel kernel(Section code, int registers, int stack) {
      String name = code.name.substring(".text.".length());
      demand(
          code.type != NO_BITS && code.size > 0 && code.size % 16 == 0,
          code.place,
          "instructions of 16 bytes were expected in "
              + code.name
              + ", not "
              + code.size
              + " bytes");
      var opcodes = new TreeMap<String, Integer>();
      for (int at = code.place; at < code.place + code.size; at += 16) {
        String opcode = Opcode.name(bytes.getLong(at), bytes.getLong(at + 8));
        if (!opcode.isEmpty()) {
          opcodes.merge(opcode, 1, Integer::sum);
        }
      }
      int[] threads = {0};
      Section info = sections.get(".nv.info." + name);
      demand(info != null, code.place, "no section .nv.info." + name);
      if (info != null) {
        attributes(
            info,
            (kind, at, size) -> {
              if (kind == MAX_THREADS) {
                demand(size == 12, at, "12 bytes were expected, not " + size);
                long all = 1;
                for (int i = 0; i < 3; i++) {
                  int side = bytes.getInt(at + 4 * i);
                  demand(side > 0 && side <= 1024, at + 4 * i, "from 1 to 1024 threads");
                  all *= side;
                }
                demand(all <= 1024, at, "at most 1024 threads");
                threads[0] = (int) all;
              }
            });
      }
      Section shared = sections.get(".nv.shared." + name);
      // From 9.0 on the system's own kilobyte stands in front.
      int system = architecture() >= 90 ? 1024 : 0;
      return new Kernel(
          registers,
          stack,
          shared == null ? 0 : Math.max(0, shared.size - system),
          threads[0],
          code.size / 16,
          Map.copyOf(opcodes));
    }

    private interface Attribute {
      void at(int kind, int place, int size);
    }

    /// An attribute is a form, a kind and two bytes: a value, or the size of what follows.
    private void attributes(Section section, Attribute attribute) {
      demand(section.type != NO_BITS, section.place, section.name + " has no bytes");
      int end = section.place + section.size;
      int at = section.place;
      while (at < end) {
        demand(at + 4 <= end, at, "an attribute breaks off");
        int form = bytes.get(at);
        int kind = bytes.get(at + 1) & 0xff;
        demand(form >= 1 && form <= SIZED, at, "an attribute of form " + form);
        int size = form == SIZED ? bytes.getShort(at + 2) & 0xffff : 0;
        at += 4;
        demand(at + size <= end, at, "an attribute breaks off");
        if (form == SIZED) {
          attribute.at(kind, at, size);
        }
        at += size;
      }
    }

    private String string(Section text, int offset, int at) {
      demand(
          text.type != NO_BITS && offset >= 0 && offset < text.size,
          at,
          "a name that is not there");
      int start = text.place + offset;
      int end = start;
      while (end < text.place + text.size && bytes.get(end) != 0) {
        end++;
      }
      demand(end < text.place + text.size, start, "a name without an end");
      return new String(bytes.array(), start, end - start, StandardCharsets.UTF_8);
    }

    private boolean inside(long place, long size) {
      return place >= 0 && size >= 0 && place <= bytes.limit() && size <= bytes.limit() - place;
    }

    private void demand(boolean holds, long place, String rule) {
      if (!holds) {
        throw new MalformedFileException(path, place, rule);
      }
    }
  }
}
