package dev.quintet.models.torch;

import dev.quintet.core.io.MalformedFileException;
import dev.quintet.core.io.SafetensorsType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/// The form of PyTorch before 1.6, and of `_use_new_zipfile_serialization=False`: a magic number, a version, the machine,
/// the dictionary and the storages' names, a pickle each, and then the storages, each with its size before it.
final class BeforeZip {
  // PROTO 2, the number 0x1950a86a20f9469cfc6c, STOP; PROTO 2, 1001, STOP
  private static final byte[] START =
      HexFormat.of().parseHex("80028a0a6cfc9c46f9206aa850192e" + "80024de9032e");
  private static final long LONGEST_PICKLES = 16L << 20;
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private BeforeZip() {}

  /// What the dictionary says of a storage.
  private record Claim(SafetensorsType type, long elements) {}

  /// Whether a file begins so.
  static boolean isOne(MemorySegment file) {
    return file.byteSize() >= START.length
        && file.asSlice(0, START.length).mismatch(MemorySegment.ofArray(START)) < 0;
  }

  /// The tensors by name.
  ///
  /// @throws MalformedFileException that names what is refused, and its offset
  static Map<String, TorchTensor> read(Path path, MemorySegment file) {
    long most = Math.min(file.byteSize(), START.length + LONGEST_PICKLES);
    var bytes =
        new PickleBytes(path, file.asSlice(START.length, most - START.length), START.length);
    if (!PickleReader.flags(bytes).getOrDefault("little_endian", false)) {
      throw bytes.broken("the machine was little-endian");
    }
    // Where the storages lie is known only behind the dictionary: it is read for their sizes first.
    long dictionary = START.length + bytes.position();
    var claims = new HashMap<String, Claim>();
    PickleReader.tensors(bytes, (key, type, elements) -> claimed(claims, key, type, elements));
    List<String> keys = PickleReader.texts(bytes);
    Map<String, MemorySegment> storages =
        storages(path, file, START.length + bytes.position(), keys, claims);
    return PickleReader.tensors(
        new PickleBytes(path, file.asSlice(dictionary, most - dictionary), dictionary),
        (key, type, elements) -> storages.getOrDefault(key, MemorySegment.NULL));
  }

  private static MemorySegment claimed(
      Map<String, Claim> claims, String key, SafetensorsType type, long elements) {
    var claim = new Claim(type, elements);
    Claim before = claims.putIfAbsent(key, claim);
    if (before != null && !before.equals(claim)) {
      throw new IllegalArgumentException(
          "the storage " + key + " is " + before + ", and in another place " + claim);
    }
    return MemorySegment.NULL;
  }

  private static Map<String, MemorySegment> storages(
      Path path, MemorySegment file, long start, List<String> keys, Map<String, Claim> claims) {
    var storages = new HashMap<String, MemorySegment>();
    long at = start;
    for (String key : keys) {
      Claim claim = claims.get(key);
      if (claim == null || storages.containsKey(key)) {
        throw new MalformedFileException(
            path, at, "the list names each storage of the dictionary once, and no other");
      }
      long bytes = claim.type().bytes(claim.elements());
      if (at > file.byteSize() - 8 || bytes > file.byteSize() - 8 - at) {
        throw new MalformedFileException(
            path, at, "the storage " + key + " of " + bytes + " bytes ends in the file");
      }
      if (file.get(LONG, at) != claim.elements()) {
        throw new MalformedFileException(
            path,
            at,
            "the storage "
                + key
                + " has as many elements as the dictionary says, "
                + claim.elements()
                + ", not "
                + file.get(LONG, at));
      }
      storages.put(key, file.asSlice(at + 8, bytes));
      at += 8 + bytes;
    }
    if (storages.size() != claims.size() || at != file.byteSize()) {
      throw new MalformedFileException(
          path, at, "all storages follow the list, and nothing follows them");
    }
    return storages;
  }
}
