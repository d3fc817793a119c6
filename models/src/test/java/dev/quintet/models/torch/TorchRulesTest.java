package dev.quintet.models.torch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.core.io.MalformedFileException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// One test for each rule that a pickle or the zip file around it can break.
class TorchRulesTest {
  private static final long[] SIZES = {2, 3};
  private static final long[] STRIDES = {3, 1};
  private static final int PICKLE_START = 30 + "archive/data.pkl".length();

  @TempDir Path folder;

  @Test
  void readsWhatBreaksNone() throws IOException {
    write(TorchBytes.file(TorchBytes.dictionary(TorchBytes.part().tensor(0, SIZES, STRIDES))));
    try (var file = TorchFile.open(path())) {
      assertArrayEquals(new float[] {0, 1, 2, 3, 4, 5}, TorchFileTest.floats(file, "a"));
    }
  }

  // ---- the pickle ----

  @Test
  void refusesEveryNameThatIsNotOnTheListAndSaysWhere() throws IOException {
    for (String name :
        new String[] {
          "os.system",
          "builtins.eval",
          "builtins.getattr",
          "torch.load",
          "torch._utils._rebuild_qtensor",
          "torch.storage._load_from_bytes",
          "collections.Counter",
          "numpy.core.multiarray._reconstruct"
        }) {
      int dot = name.lastIndexOf('.');
      var value = TorchBytes.part().global(name.substring(0, dot), name.substring(dot + 1));
      var e = refused(TorchBytes.dictionary(value), name);
      // PROTO 2, EMPTY_DICT, BINUNICODE "a"
      assertEquals(PICKLE_START + 2 + 1 + 6, e.offset());
    }
    var stacked = TorchBytes.part().text("os").text("system").code(0x93);
    refused(TorchBytes.dictionary(stacked), "os.system");
    refused(TorchBytes.dictionary(TorchBytes.part().global("torch._utils.x\n", "y")), "refused");
  }

  @Test
  void refusesEveryInstructionThatADictionaryOfTensorsDoesNotTake() throws IOException {
    String taken =
        "(NKMJGXt}sucqrhjQRb).\u0080\u0085\u0086\u0087\u0088\u0089\u008a\u008c\u008d"
            + "\u0093\u0094\u0095";
    for (int code = 0; code < 256; code++) {
      if (taken.indexOf(code) < 0) {
        byte[] pickle = TorchBytes.pickle().code('}', 'N', 'N', 'N', code, 0, 0, '.').bytes();
        var e = refused(pickle, "is refused");
        assertEquals(PICKLE_START + 6, e.offset(), "instruction " + code);
      }
    }
    refused(TorchBytes.pickle().code('}', '(', 'i').raw("os\nsystem\n").bytes(), "INST");
    refused(TorchBytes.pickle().code('}', ')', 0x81, '.').bytes(), "NEWOBJ");
  }

  @Test
  void refusesCallsOtherThanThoseThatMakeTensors() throws IOException {
    refused(
        value(TorchBytes.part().global("torch", "FloatStorage").code(')', 'R')), "FloatStorage");
    refused(
        value(TorchBytes.part().global("collections", "OrderedDict").code(')', 0x85, 'R')),
        "OrderedDict with 1 arguments");
    refused(value(TorchBytes.part().text("f").code(')', 'R')), "the text 'f'");
    refused(
        value(TorchBytes.part().global("torch._utils", "_rebuild_tensor_v2").code(')', 'R')),
        "0 arguments");
    refused(value(TorchBytes.part().tensor(0, SIZES, STRIDES).code('}', 'b')), "attributes");
    var hooked =
        TorchBytes.part()
            .global("torch._utils", "_rebuild_parameter")
            .code('(')
            .tensor(0, SIZES, STRIDES)
            .code(0x88, '}')
            .text("hook")
            .code('N', 's', 't', 'R');
    refused(value(hooked), "no hooks");
  }

  @Test
  void refusesTensorsThatLeaveTheirStorage() throws IOException {
    refusedTensor(1, SIZES, STRIDES, "inside its storage");
    refusedTensor(-1, SIZES, STRIDES, "inside its storage");
    refusedTensor(0, new long[] {2, 4}, STRIDES, "inside its storage");
    refusedTensor(0, SIZES, new long[] {4, 1}, "inside its storage");
    refusedTensor(0, new long[] {1L << 40}, new long[] {0}, "inside its storage");
    refusedTensor(0, new long[] {1L << 40, 1L << 40}, STRIDES, "below 2^63");
    refusedTensor(Long.MAX_VALUE, SIZES, STRIDES, "below 2^63");
    refusedTensor(0, new long[] {-2, -3}, STRIDES, "not negative");
    refusedTensor(0, SIZES, new long[] {-3, 1}, "not negative");
    refusedTensor(0, SIZES, new long[] {1}, "one stride");
    long[] many = new long[65];
    Arrays.fill(many, 1);
    refusedTensor(0, many, many, "at most 64 axes");
  }

  @Test
  void refusesStoragesThatAreNotWhatTheyAreCalled() throws IOException {
    refused(value(TorchBytes.part().storage("FloatStorage", "0", 7)), "as many bytes, not 24");
    refused(value(TorchBytes.part().storage("DoubleStorage", "0", 6)), "as many bytes, not 24");
    refused(value(TorchBytes.part().storage("FloatStorage", "0", Long.MAX_VALUE)), "cannot have");
    refused(value(TorchBytes.part().storage("FloatStorage", "0", -6)), "cannot have");
    refused(value(TorchBytes.part().storage("FloatStorage", "1", 6)), "missing");
    refused(value(TorchBytes.part().storage("FloatStorage", "../version", 6)), "missing");
    refused(value(TorchBytes.part().text("module").code('Q')), "a tuple stands here");
    refused(value(TorchBytes.part().code(')', 'Q')), "names a storage");
    refused(value(TorchBytes.part().storage("FloatStorage", "0", 6)), "a storage");
  }

  @Test
  void refusesWhatIsNoDictionaryOfTensors() throws IOException {
    refused(value(TorchBytes.part().code('N')), "the value of 'a'");
    refused(value(TorchBytes.part().code('}')), "a dictionary");
    refused(value(TorchBytes.part().number(3)), "the number 3");
    refused(TorchBytes.pickle().number(3).code('.').bytes(), "a dictionary of tensors");
    refused(TorchBytes.pickle().code('}', 'N', 'N', 's', '.').bytes(), "a text stands here");
    refused(TorchBytes.pickle().code('N').text("a").code('N', 's', '.').bytes(), "a dictionary");
    refused(TorchBytes.pickle().code('}', '(').text("a").code('u', '.').bytes(), "pairs");
    var twice = TorchBytes.pickle().code('}', '(').text("a").code('N').text("a").code('N', 'u');
    refused(twice.code('.').bytes(), "no key stands twice");
  }

  @Test
  void refusesPicklesThatDoNotHoldTogether() throws IOException {
    refused(new byte[0], "it ends");
    refused(TorchBytes.part().code('}', '.').bytes(), "PROTO");
    refused(TorchBytes.part().code(0x80, 1, '}', '.').bytes(), "protocols 2 to 5");
    refused(TorchBytes.part().code(0x80, 6, '}', '.').bytes(), "protocols 2 to 5");
    refused(TorchBytes.pickle().code('}').bytes(), "without STOP");
    refused(TorchBytes.pickle().code('}', '.', '.').bytes(), "STOP is the last");
    refused(TorchBytes.pickle().code('}', '}', '.').bytes(), "one value is left");
    refused(TorchBytes.pickle().code('.').bytes(), "one value is left");
    refused(TorchBytes.pickle().code('s', '.').bytes(), "the stack holds");
    refused(TorchBytes.pickle().code('}', 't', '.').bytes(), "a mark");
    refused(TorchBytes.pickle().code('}', '(', 's', '.').bytes(), "the stack holds");
    refused(TorchBytes.pickle().code('h', 3, '.').bytes(), "number 3 was kept");
    refused(TorchBytes.pickle().code('}', 'X').int32(-1).raw("abc").bytes(), "at most 65536");
    refused(TorchBytes.pickle().code('}', 'X').int32(9).raw("abc").bytes(), "it ends within");
    refused(TorchBytes.pickle().code('}', 0x8c, 2, 0xff, 0xff, '.').bytes(), "UTF-8");
    refused(TorchBytes.pickle().code('}', 0x8a, 9, 0, 0, 0, '.').bytes(), "at most 8 bytes");
    refused(TorchBytes.pickle().code('c').raw("os").bytes(), "it ends");
  }

  @Test
  void aMillionNestedValuesNeitherRecurseNorGrow() throws IOException {
    var deep = TorchBytes.pickle().code('N');
    for (int i = 0; i < 1_000_000; i++) {
      deep.code(0x85);
    }
    refused(deep.code('.').bytes(), "a tuple");
    // each tuple holds the one before twice: 2^1000 leaves, were anyone to walk them
    var laughs = TorchBytes.pickle().code('N', 'q', 0);
    for (int i = 0; i < 1000; i++) {
      laughs.code('h', 0, 0x86, 'q', 0);
    }
    refused(laughs.code('.').bytes(), "a tuple");
    byte[] marks = new byte[(1 << 20) + 10];
    Arrays.fill(marks, (byte) '(');
    marks[0] = (byte) 0x80;
    marks[1] = 2;
    refused(marks, "at most 1048576 values");
    refused(new byte[(16 << 20) + 1], "at most 16777216 bytes");
  }

  // ---- the zip file ----

  @Test
  void refusesCompressedEntries() throws IOException {
    var bytes = new ByteArrayOutputStream();
    try (var zip = new ZipOutputStream(bytes)) {
      zip.putNextEntry(new ZipEntry("archive/data.pkl"));
      zip.write(new byte[100_000_000]);
      zip.closeEntry();
    }
    refusedFile(bytes.toByteArray(), "stored, not compressed");
  }

  @Test
  void refusesNamesThatLeaveTheFile() throws IOException {
    for (String name :
        new String[] {"../x", "/x", "archive/../../x", "archive//x", "./x", "a\\x", "archive/"}) {
      refusedFile(
          TorchBytes.file(simple(), Map.of(name, new byte[0])), "relative paths without '..'");
    }
    String longName = "archive/" + "x".repeat(2000);
    refusedFile(TorchBytes.file(simple(), Map.of(longName, new byte[0])), "a name's size");
  }

  @Test
  void refusesDirectoriesThatDisagreeWithTheFile() throws IOException {
    byte[] good = TorchBytes.file(simple());
    int end = good.length - 22;
    int directory = ByteBuffer.wrap(good).order(ByteOrder.LITTLE_ENDIAN).getInt(end + 16);
    changed(good, end, (byte) 0, "end record");
    changed(good, end + 4, (byte) 1, "one part");
    changed(good, end + 8, (byte) 9, "counts");
    changed(good, end + 12, (byte) 0, "from its start to the end");
    changed(good, end + 20, (byte) 1, "counts");
    changed(good, directory, (byte) 0, "a directory entry begins here");
    changed(good, directory + 8, (byte) 1, "no flags");
    changed(good, directory + 20, (byte) 1, "as long as it was");
    changed(good, directory + 29, (byte) 100, "inside the directory");
    changed(good, directory + 42, (byte) 7, "entries do not overlap|local header");
    changed(good, 8, (byte) 8, "stored, not compressed");
    changed(good, 26, (byte) 3, "one name|local header|names are");
    changed(good, 31, (byte) 'X', "one name");
    changed(good, 0, (byte) 'X', "begins as a zip file");
    refusedFile(Arrays.copyOf(good, good.length - 1), "end record");
    refusedFile(Arrays.copyOf(good, good.length + 1), "end record");
    refusedFile(Arrays.copyOf(good, 10), "end record");
    refusedFile(new byte[0], "begins as a zip file");
  }

  @Test
  void refusesEntriesOnTheSameBytes() throws IOException {
    byte[] good = TorchBytes.file(simple());
    var buffer = ByteBuffer.wrap(good).order(ByteOrder.LITTLE_ENDIAN);
    int end = good.length - 22;
    int first = buffer.getInt(end + 16);
    int second = first + 46 + buffer.getShort(first + 28);
    buffer.putInt(second + 42, buffer.getInt(first + 42));
    refusedFile(good, "overlap");
  }

  @Test
  void refusesDamagedBytesOtherByteOrdersAndOtherZipFiles() throws IOException {
    byte[] good =
        TorchBytes.file(TorchBytes.dictionary(TorchBytes.part().tensor(0, SIZES, STRIDES)));
    int storage = indexOf(good, TorchBytes.floats(0, 1, 2, 3, 4, 5));
    changed(good, storage + 3, (byte) 1, "CRC-32");
    byte[] big = "big".getBytes(StandardCharsets.UTF_8);
    refusedFile(TorchBytes.file(simple(), Map.of("archive/byteorder", big)), "little-endian");
    refusedFile(TorchBytes.zip(Map.of("word/document.xml", new byte[3])), "data.pkl");
    refusedFile(TorchBytes.file(simple(), Map.of("other/data.pkl", simple())), "one data.pkl");
    byte[] tar = new byte[512];
    System.arraycopy("ustar".getBytes(StandardCharsets.UTF_8), 0, tar, 257, 5);
    refusedFile(tar, "tar archive");
    refusedFile(TorchBytes.pickle().code('}', '.').bytes(), "magic number");
  }

  @Test
  void refusesOldFilesWhoseStoragesAreNotWhatTheDictionarySays() throws IOException {
    TorchBytes value = TorchBytes.part().tensor(0, SIZES, STRIDES);
    write(old(true, value, 6, 24, "0"));
    try (var file = TorchFile.open(path())) {
      assertArrayEquals(new float[] {0, 1, 2, 3, 4, 5}, TorchFileTest.floats(file, "a"));
    }
    refusedFile(old(false, value, 6, 24, "0"), "little-endian");
    refusedFile(old(true, value, 5, 24, "0"), "not 5");
    refusedFile(old(true, value, 6, 23, "0"), "ends in the file");
    refusedFile(old(true, value, 6, 25, "0"), "nothing follows");
    refusedFile(old(true, value, 6, 24, "1"), "names each storage");
    refusedFile(old(true, value, 6, 24, "0", "0"), "once");
    refusedFile(old(true, value, 6, 24), "all storages follow");
    refusedFile(old(true, TorchBytes.part().global("os", "system"), 6, 24, "0"), "os.system");
    refusedFile(old(true, TorchBytes.part().code(']'), 6, 24, "0"), "EMPTY_LIST");
  }

  private static byte[] old(
      boolean little, TorchBytes value, long elements, int bytes, String... keys) {
    TorchBytes all =
        TorchBytes.pickle()
            .code(0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, '.')
            .code(0x80, 2, 'M', 0xe9, 3, '.');
    all.code(0x80, 2, '}').text("little_endian").code(little ? 0x88 : 0x89, 's', '.');
    all.join(TorchBytes.pickle().code('}').text("a").join(value).code('s', '.'));
    all.code(0x80, 2, ']', '(');
    for (String key : keys) {
      all.text(key);
    }
    all.code('e', '.');
    for (int i = 0; i < Math.min(1, keys.length); i++) {
      byte[] storage = Arrays.copyOf(TorchBytes.floats(0, 1, 2, 3, 4, 5), bytes);
      all.int32((int) elements).int32(0);
      for (byte one : storage) {
        all.code(one);
      }
    }
    return all.bytes();
  }

  @Test
  void refusesADirectoryOfMoreEntriesThanItHasBytes() throws IOException {
    byte[] good = TorchBytes.file(simple());
    var buffer = ByteBuffer.wrap(good).order(ByteOrder.LITTLE_ENDIAN);
    buffer.putShort(good.length - 22 + 8, (short) 60000);
    buffer.putShort(good.length - 22 + 10, (short) 60000);
    refusedFile(good, "as many entries as it says");
    // a zip64 end record that points anywhere
    var locator = ByteBuffer.allocate(good.length + 20).order(ByteOrder.LITTLE_ENDIAN);
    locator.put(good, 0, good.length - 22).putInt(0x07064b50).putInt(0);
    locator.putLong(Long.MAX_VALUE - 10).putInt(1).put(good, good.length - 22, 22);
    refusedFile(locator.array(), "zip64 end record");
  }

  // ---- helpers ----

  private static byte[] simple() {
    return TorchBytes.pickle().code('}', '.').bytes();
  }

  private static byte[] value(TorchBytes value) {
    return TorchBytes.dictionary(value);
  }

  private void refusedTensor(long offset, long[] sizes, long[] strides, String rule)
      throws IOException {
    refused(value(TorchBytes.part().tensor(offset, sizes, strides)), rule);
  }

  private MalformedFileException refused(byte[] pickle, String rule) throws IOException {
    return refusedFile(TorchBytes.file(pickle), rule);
  }

  private void changed(byte[] good, int at, byte value, String rule) throws IOException {
    byte[] bad = good.clone();
    bad[at] = value;
    refusedFile(bad, rule);
  }

  private MalformedFileException refusedFile(byte[] bytes, String rule) throws IOException {
    write(bytes);
    var e = assertThrows(MalformedFileException.class, () -> TorchFile.open(path()).close(), rule);
    assertTrue(
        Arrays.stream(rule.split("\\|")).anyMatch(e.getMessage()::contains),
        rule + " in " + e.getMessage());
    assertTrue(e.getMessage().contains("model.bin"), e.getMessage());
    assertTrue(e.offset() >= 0 && e.offset() <= bytes.length, e.getMessage());
    return e;
  }

  private static int indexOf(byte[] bytes, byte[] part) {
    var starts = new HashMap<Integer, Boolean>();
    for (int i = 0; i + part.length <= bytes.length; i++) {
      starts.put(i, Arrays.equals(bytes, i, i + part.length, part, 0, part.length));
    }
    return starts.entrySet().stream()
        .filter(Map.Entry::getValue)
        .mapToInt(Map.Entry::getKey)
        .findFirst()
        .orElseThrow();
  }

  private Path path() {
    return folder.resolve("model.bin");
  }

  private void write(byte[] bytes) throws IOException {
    Files.write(path(), bytes);
  }
}
