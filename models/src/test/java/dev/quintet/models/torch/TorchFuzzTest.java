package dev.quintet.models.torch;

import dev.quintet.core.io.MalformedFileException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;

/// Mutated pickles and zip files are refused with place and rule, or hold tensors inside their storages.
///
/// `-Dfuzz=10000000` for the long run, `-Dseed=N` to repeat one.
class TorchFuzzTest {
  private static final Path PATH = Path.of("fuzz.bin");
  private static final byte[] CODES = codes("(NKMJGXt}sucqrhjQRb).01267aeli]\u0080\u0081\u0085");
  private static final MemorySegment STORAGE = MemorySegment.ofArray(new byte[4096]);

  private static final String[] FILES = {
    "kinds.bin", "kinds-protocol4.bin", "module.bin", "evil.bin", "list.bin"
  };

  @Test
  void mutatedPicklesAreRefusedOrHoldTensors() throws IOException {
    var corpus = new ArrayList<byte[]>();
    var storages = new ArrayList<Map<String, Long>>();
    for (byte[] file : files()) {
      var sizes = new HashMap<String, Long>();
      for (var entry : ZipDirectory.read(PATH, MemorySegment.ofArray(file))) {
        sizes.put(entry.name().substring(entry.name().lastIndexOf('/') + 1), entry.bytes());
        if (entry.name().endsWith("/data.pkl")) {
          corpus.add(
              Arrays.copyOfRange(file, (int) entry.start(), (int) (entry.start() + entry.bytes())));
        }
      }
      storages.add(sizes);
    }
    run(
        corpus,
        (item, bytes) -> {
          Map<String, Long> sizes = storages.get(item);
          var tensors =
              PickleReader.read(
                  PATH,
                  MemorySegment.ofArray(bytes),
                  100,
                  (key, type, elements) -> storage(sizes.get(key), type.bytes(elements)));
          for (TorchTensor tensor : tensors.values()) {
            Assertions.assertTrue(tensor.bytes() <= 80);
            tensor.copyTo(MemorySegment.ofArray(new byte[(int) tensor.bytes()]));
          }
          return tensors.size();
        },
        100);
  }

  private static MemorySegment storage(Long bytes, long claimed) {
    if (bytes == null || bytes != claimed) {
      throw new IllegalArgumentException("a storage is missing");
    }
    return STORAGE.asSlice(0, bytes);
  }

  private static List<byte[]> files() throws IOException {
    var all = new ArrayList<byte[]>();
    for (String name : FILES) {
      all.add(Files.readAllBytes(TorchFileTest.resource(name)));
    }
    all.add(
        TorchBytes.file(
            TorchBytes.dictionary(
                TorchBytes.part().tensor(0, new long[] {2, 3}, new long[] {3, 1}))));
    return all;
  }

  @Test
  void mutatedOldFilesAreRefusedOrHoldTensors() throws IOException {
    byte[] old = Files.readAllBytes(TorchFileTest.resource("before-1.6.bin"));
    run(
        List.of(old),
        (item, bytes) -> {
          MemorySegment file = MemorySegment.ofArray(bytes);
          if (!BeforeZip.isOne(file)) {
            return 0;
          }
          var tensors = BeforeZip.read(PATH, file);
          for (TorchTensor tensor : tensors.values()) {
            tensor.copyTo(MemorySegment.ofArray(new byte[(int) tensor.bytes()]));
          }
          return tensors.size();
        },
        0);
  }

  @Test
  void mutatedZipFilesAreRefusedOrHaveEntriesInside() throws IOException {
    run(
        files(),
        (item, bytes) -> {
          long free = 0;
          var entries = ZipDirectory.read(PATH, MemorySegment.ofArray(bytes));
          for (var entry : entries) {
            Assertions.assertTrue(entry.start() >= free && entry.bytes() >= 0);
            free = entry.start() + entry.bytes();
            Assertions.assertTrue(free <= bytes.length);
          }
          return entries.size();
        },
        0);
  }

  private interface Reading {
    int read(int item, byte[] bytes);
  }

  private static void run(List<byte[]> corpus, Reading reading, long offset) {
    long seed = Long.getLong("seed", 5);
    int count = Integer.getInteger("fuzz", 10_000);
    System.out.println("seed " + seed + ", " + count + " files");
    var random = new SplittableRandom(seed);
    int opened = 0;
    for (int i = 0; i < count; i++) {
      int item = random.nextInt(corpus.size());
      byte[] bytes = corpus.get(item).clone();
      for (int changes = random.nextInt(3); changes >= 0; changes--) {
        bytes = mutate(bytes, random);
      }
      try {
        opened += reading.read(item, bytes) > 0 ? 1 : 0;
      } catch (MalformedFileException e) {
        Assertions.assertTrue(
            e.offset() >= 0 && e.offset() <= offset + bytes.length, e.getMessage());
      } catch (RuntimeException | Error e) {
        throw new AssertionError("seed " + seed + ", file " + i + ": " + Arrays.toString(bytes), e);
      }
    }
    Assertions.assertTrue(opened > count / 200, "only " + opened + " were read");
  }

  private static byte[] mutate(byte[] bytes, SplittableRandom random) {
    int at = random.nextInt(bytes.length + 1);
    int end = Math.min(bytes.length, at + random.nextInt(12));
    return switch (random.nextInt(8)) {
      case 0 -> Arrays.copyOf(bytes, at);
      case 1 -> replaced(bytes, at, end, new byte[0]);
      case 2 -> replaced(bytes, at, at, Arrays.copyOfRange(bytes, at, end));
      case 3 -> replaced(bytes, at, at, new byte[] {CODES[random.nextInt(CODES.length)]});
      case 4 -> {
        byte[] copy = bytes.clone();
        if (at < copy.length) {
          copy[at] = CODES[random.nextInt(CODES.length)];
        }
        yield copy;
      }
      case 5 -> {
        byte[] copy = bytes.clone();
        if (at < copy.length) {
          copy[at] += (byte) (random.nextInt(3) - 1);
        }
        yield copy;
      }
      case 6 -> {
        byte[] large = new byte[8];
        random.nextBytes(large);
        Arrays.fill(large, 0, random.nextInt(8), (byte) (random.nextBoolean() ? -1 : 0));
        yield at + 8 <= bytes.length ? replaced(bytes, at, at + 8, large) : bytes;
      }
      default -> {
        byte[] copy = bytes.clone();
        if (at < copy.length) {
          copy[at] ^= (byte) (1 << random.nextInt(8));
        }
        yield copy;
      }
    };
  }

  private static byte[] codes(String text) {
    byte[] codes = new byte[text.length()];
    for (int i = 0; i < codes.length; i++) {
      codes[i] = (byte) text.charAt(i);
    }
    return codes;
  }

  private static byte[] replaced(byte[] bytes, int from, int to, byte[] piece) {
    byte[] out = new byte[bytes.length - (to - from) + piece.length];
    System.arraycopy(bytes, 0, out, 0, from);
    System.arraycopy(piece, 0, out, from, piece.length);
    System.arraycopy(bytes, to, out, from + piece.length, bytes.length - to);
    return out;
  }
}
