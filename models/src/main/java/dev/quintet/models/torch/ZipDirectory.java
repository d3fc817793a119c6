package dev.quintet.models.torch;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import dev.quintet.core.io.MalformedFileException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;

/// What lies where in a zip file, as PyTorch writes them: nothing is compressed, so nothing can grow when it is read.
///
/// The directory at the end is believed only as far as the local headers say the same, entries do not overlap, and
/// names are plain relative paths. Other zip files have more forms; they are refused by the rule that they break.
final class ZipDirectory {
  private static final int END = 0x06054b50;
  private static final int END_64 = 0x06064b50;
  private static final int LOCATOR_64 = 0x07064b50;
  private static final int CENTRAL = 0x02014b50;
  private static final int LOCAL = 0x04034b50;
  private static final int END_BYTES = 22;
  private static final int LOCATOR_BYTES = 20;
  private static final int CENTRAL_BYTES = 46;
  private static final int LOCAL_BYTES = 30;
  private static final int EXTRA_64 = 1;
  private static final int DESCRIPTOR_OR_UTF8 = 0x0808;
  private static final int MOST_ENTRIES = 1 << 20;
  private static final int LONGEST_NAME = 1024;
  private static final long UNSET = 0xFFFFFFFFL;

  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(LITTLE_ENDIAN);
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(LITTLE_ENDIAN);

  private final Path path;
  private final MemorySegment file;
  private long end;

  /// A stored file.
  ///
  /// @param start of its bytes
  /// @param crc their CRC-32, or 0 where the writer left it out
  record Entry(String name, long start, long bytes, int crc) {}

  private ZipDirectory(Path path, MemorySegment file) {
    this.path = path;
    this.file = file;
  }

  /// The entries in the order of their bytes.
  ///
  /// @throws MalformedFileException if the file is no zip file of this kind
  static List<Entry> read(Path path, MemorySegment file) {
    return new ZipDirectory(path, file).entries();
  }

  private List<Entry> entries() {
    long last = file.byteSize() - END_BYTES;
    if (last < 0 || int32(last) != END) {
      throw broken(
          Math.max(0, last), "a zip file ends with its end record of 22 bytes and no comment");
    }
    check(last, uint16(last + 4) == 0 && uint16(last + 6) == 0, "a zip file is in one part");
    long count = uint16(last + 10);
    check(last, count == uint16(last + 8) && uint16(last + 20) == 0, "the counts agree");
    long size = uint32(last + 12);
    long start = uint32(last + 16);
    end = last;
    long locator = last - LOCATOR_BYTES;
    if (locator >= 0 && int32(locator) == LOCATOR_64) {
      long record = int64(locator + 8);
      check(
          locator,
          record >= 0 && record <= locator - 56 && int32(record) == END_64,
          "the locator points to a zip64 end record");
      check(record, int64(record + 4) == locator - record - 12, "the zip64 end record's size");
      check(
          record, int32(record + 16) == 0 && int32(record + 20) == 0, "a zip file is in one part");
      count = int64(record + 32);
      check(record, count == int64(record + 24), "the counts agree");
      size = int64(record + 40);
      start = int64(record + 48);
      end = record;
    }
    check(
        last,
        start >= 0 && size >= 0 && start <= end && size == end - start,
        "the directory reaches from its start to the end record");
    check(
        last,
        count >= 0 && count <= MOST_ENTRIES && count <= size / CENTRAL_BYTES,
        "the directory has as many entries as it says, at most " + MOST_ENTRIES);
    return checked(directory(start, count), start);
  }

  private List<Entry> directory(long start, long count) {
    var entries = new ArrayList<Entry>();
    var names = new HashSet<String>();
    long at = start;
    for (long i = 0; i < count; i++) {
      check(at, at + CENTRAL_BYTES <= end && int32(at) == CENTRAL, "a directory entry begins here");
      int name = uint16(at + 28);
      int extra = uint16(at + 30);
      int comment = uint16(at + 32);
      long next = at + CENTRAL_BYTES + name + extra + comment;
      check(at, next <= end, "a directory entry ends inside the directory");
      Entry entry = entry(at, name(at + CENTRAL_BYTES, name), at + CENTRAL_BYTES + name, extra);
      check(at, names.add(entry.name()), "no name stands twice: " + entry.name());
      entries.add(entry);
      at = next;
    }
    check(at, at == end, "nothing stands between the directory and the end record");
    return entries;
  }

  /// The entry of a directory record, its start being still that of its local header.
  private Entry entry(long at, String name, long extra, int extraBytes) {
    check(at, (uint16(at + 8) & ~DESCRIPTOR_OR_UTF8) == 0, "no flags but UTF-8 names: " + name);
    if (uint16(at + 10) != 0) {
      throw broken(at, "entries are stored, not compressed: " + name);
    }
    long stored = uint32(at + 20);
    long bytes = uint32(at + 24);
    long start = uint32(at + 42);
    check(at, uint16(at + 34) == 0, "a zip file is in one part");
    if (stored == UNSET || bytes == UNSET || start == UNSET) {
      long field = find64(extra, extraBytes);
      long limit = field + 4 + (field < 0 ? 0 : uint16(field + 2));
      long value = field + 4;
      if (bytes == UNSET) {
        bytes = value64(at, field, value, limit);
        value += 8;
      }
      if (stored == UNSET) {
        stored = value64(at, field, value, limit);
        value += 8;
      }
      if (start == UNSET) {
        start = value64(at, field, value, limit);
      }
    }
    check(at, stored == bytes, "a stored entry is as long as it was: " + name);
    check(at, start >= 0 && bytes >= 0, "sizes and places are below 2^63: " + name);
    return new Entry(name, start, bytes, int32(at + 16));
  }

  private long find64(long extra, int bytes) {
    for (long at = extra; at + 4 <= extra + bytes; at += 4 + uint16(at + 2)) {
      if (uint16(at) == EXTRA_64 && at + 4 + uint16(at + 2) <= extra + bytes) {
        return at;
      }
    }
    return -1;
  }

  private long value64(long at, long field, long value, long limit) {
    check(at, field >= 0 && value + 8 <= limit, "a large entry has its zip64 field");
    return int64(value);
  }

  /// Entries whose starts are those of their bytes, once the local headers have been compared.
  private List<Entry> checked(List<Entry> entries, long directory) {
    entries.sort(Comparator.comparingLong(Entry::start));
    var placed = new ArrayList<Entry>();
    long free = 0;
    for (Entry entry : entries) {
      long at = entry.start();
      check(at, at >= free, "entries do not overlap: " + entry.name());
      check(
          Math.min(at, file.byteSize()),
          at <= directory - LOCAL_BYTES && int32(at) == LOCAL,
          "the directory points to a local header: " + entry.name());
      check(at, uint16(at + 8) == 0, "entries are stored, not compressed: " + entry.name());
      int name = uint16(at + 26);
      long start = at + LOCAL_BYTES + name + uint16(at + 28);
      check(
          at,
          start <= directory && entry.bytes() <= directory - start,
          "an entry ends before the directory: " + entry.name());
      check(
          at,
          entry.name().equals(name(at + LOCAL_BYTES, name)),
          "local header and directory give one name: " + entry.name());
      placed.add(new Entry(entry.name(), start, entry.bytes(), entry.crc()));
      free = start + entry.bytes();
    }
    return placed;
  }

  private String name(long at, int bytes) {
    check(at, bytes > 0 && bytes <= LONGEST_NAME && at + bytes <= file.byteSize(), "a name's size");
    String name;
    try {
      ByteBuffer raw = file.asSlice(at, bytes).asByteBuffer();
      name = StandardCharsets.UTF_8.newDecoder().decode(raw).toString();
    } catch (CharacterCodingException e) {
      throw broken(at, "names are UTF-8");
    }
    boolean plain = !name.startsWith("/") && name.indexOf('\\') < 0 && name.indexOf(0) < 0;
    for (String part : name.split("/", -1)) {
      plain = plain && !part.isEmpty() && !part.equals(".") && !part.equals("..");
    }
    check(at, plain, "names are relative paths without '..'");
    return name;
  }

  private int uint16(long at) {
    return file.get(SHORT, at) & 0xFFFF;
  }

  private int int32(long at) {
    return file.get(INT, at);
  }

  private long uint32(long at) {
    return file.get(INT, at) & 0xFFFFFFFFL;
  }

  private long int64(long at) {
    return file.get(LONG, at);
  }

  private void check(long at, boolean holds, String rule) {
    if (!holds) {
      throw broken(at, rule);
    }
  }

  private MalformedFileException broken(long at, String rule) {
    return new MalformedFileException(path, at, "as a zip file: " + rule);
  }
}
