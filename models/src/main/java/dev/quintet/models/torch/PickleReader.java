package dev.quintet.models.torch;

import dev.quintet.core.io.MalformedFileException;
import dev.quintet.core.io.SafetensorsType;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Follows the instructions of a pickled dictionary of tensors (pickle protocols 2 to 5).
///
/// Only instructions that such a dictionary takes are known, and only the names of [PickleName]; none runs anything.
/// Work and memory are linear in the pickle's bytes: there is no recursion, each instruction pushes at most one
/// value, and values are shared, never copied.
final class PickleReader {
  private static final int MOST_AXES = 64;
  private static final Storages NO_STORAGES =
      (key, type, elements) -> {
        throw new IllegalArgumentException("no storage is named here");
      };

  private final PickleBytes bytes;
  private final Storages storages;
  private final boolean lists;
  private final PickleStack stack;

  /// Where storages lie.
  @FunctionalInterface
  interface Storages {
    /// The bytes of a storage.
    ///
    /// @throws IllegalArgumentException with what is wrong, if there is none of this name and size
    MemorySegment find(String key, SafetensorsType type, long elements);
  }

  /// Values that are no Java ones.
  private enum Only {
    NONE
  }

  private record Tuple(List<Object> items) {}

  private record Storage(SafetensorsType type, String key, long elements, MemorySegment memory) {}

  /// A list, of which only the names of storages are one.
  private static final class Items {
    private final List<Object> items = new ArrayList<>();
  }

  /// A dictionary; keys are texts.
  private static final class Dict {
    private final Map<String, Object> entries = new LinkedHashMap<>();
  }

  private PickleReader(PickleBytes bytes, Storages storages, boolean lists) {
    this.bytes = bytes;
    this.stack = new PickleStack(bytes);
    this.storages = storages;
    this.lists = lists;
  }

  /// The tensors by name, in the dictionary's order, of a pickle that fills its bytes.
  ///
  /// @throws MalformedFileException that names the instruction, name or number which is refused, and its offset
  static Map<String, TorchTensor> read(
      Path path, MemorySegment pickle, long fileOffset, Storages storages) {
    var bytes = new PickleBytes(path, pickle, fileOffset);
    Map<String, TorchTensor> tensors = tensors(bytes, storages);
    if (!bytes.finished()) {
      throw bytes.broken("STOP is the last instruction");
    }
    return tensors;
  }

  /// The tensors of a pickle after which others follow.
  static Map<String, TorchTensor> tensors(PickleBytes bytes, Storages storages) {
    var reader = new PickleReader(bytes, storages, false);
    return reader.tensors(reader.run());
  }

  /// The truth values of a dictionary; other values are passed over.
  static Map<String, Boolean> flags(PickleBytes bytes) {
    var found = new LinkedHashMap<String, Boolean>();
    if (new PickleReader(bytes, NO_STORAGES, false).run() instanceof Dict dict) {
      dict.entries.forEach((key, value) -> {
        if (value instanceof Boolean truth) {
          found.put(key, truth);
        }
      });
    }
    return found;
  }

  /// The texts of a list.
  static List<String> texts(PickleBytes bytes) {
    var reader = new PickleReader(bytes, NO_STORAGES, true);
    if (reader.run() instanceof Items list) {
      return list.items.stream().map(reader::text).toList();
    }
    throw bytes.broken("a list of texts stands here");
  }

  private Object run() {
    if (bytes.instruction() != 0x80) {
      throw bytes.broken("it begins with PROTO");
    }
    int protocol = bytes.uint8();
    if (protocol < 2 || protocol > 5) {
      throw bytes.broken("protocols 2 to 5 are read, not " + protocol);
    }
    while (true) {
      int code = bytes.instruction();
      if (code == '.') {
        break;
      }
      step(code);
    }
    return stack.last();
  }

  private Map<String, TorchTensor> tensors(Object root) {
    if (!(root instanceof Dict dict)) {
      throw bytes.broken("it holds a dictionary of tensors, not " + described(root));
    }
    var tensors = new LinkedHashMap<String, TorchTensor>();
    dict.entries.forEach((name, value) -> {
      if (!(value instanceof TorchTensor tensor)) {
        throw bytes.broken("the value of '" + name + "' is a tensor, not " + described(value));
      }
      tensors.put(name, tensor);
    });
    return Collections.unmodifiableMap(tensors);
  }

  private void step(int code) {
    switch (code) {
      case '(' -> stack.mark();
      case 'N' -> stack.push(Only.NONE);
      case 0x88 -> stack.push(true);
      case 0x89 -> stack.push(false);
      case 'K' -> stack.push((long) bytes.uint8());
      case 'M' -> stack.push((long) bytes.uint16());
      case 'J' -> stack.push((long) bytes.int32());
      case 0x8a -> stack.push(bytes.signed(bytes.uint8()));
      case 'G' -> stack.push(bytes.float64());
      case 'X' -> stack.push(bytes.text(bytes.int32() & 0xFFFFFFFFL));
      case 0x8c -> stack.push(bytes.text(bytes.uint8()));
      case 0x8d -> stack.push(bytes.text(bytes.int64()));
      case ')' -> stack.push(new Tuple(List.of()));
      case 0x85 -> stack.push(new Tuple(stack.pop(1)));
      case 0x86 -> stack.push(new Tuple(stack.pop(2)));
      case 0x87 -> stack.push(new Tuple(stack.pop(3)));
      case 't' -> stack.push(new Tuple(stack.popToMark()));
      case '}' -> stack.push(new Dict());
      case 's' -> {
        List<Object> pair = stack.pop(2);
        set(stack.top(), pair);
      }
      case 'u' -> {
        List<Object> pairs = stack.popToMark();
        set(stack.top(), pairs);
      }
      case ']' -> {
        checkLists(code);
        stack.push(new Items());
      }
      case 'a' -> {
        checkLists(code);
        Object item = stack.pop();
        append(List.of(item));
      }
      case 'e' -> {
        checkLists(code);
        append(stack.popToMark());
      }
      case 'c' -> stack.push(named(bytes.line(), bytes.line()));
      case 0x93 -> {
        List<Object> words = stack.pop(2);
        stack.push(named(text(words.get(0)), text(words.get(1))));
      }
      case 'q' -> stack.keep(bytes.uint8());
      case 'r' -> stack.keep(bytes.int32());
      case 0x94 -> stack.keep();
      case 'h' -> stack.recall(bytes.uint8());
      case 'j' -> stack.recall(bytes.int32());
      case 0x95 -> bytes.int64();
      case 'Q' -> stack.push(storage(stack.pop()));
      case 'R' -> {
        List<Object> call = stack.pop(2);
        stack.push(call(call.get(0), call.get(1)));
      }
      case 'b' -> {
        // A state dictionary's attribute `_metadata`, which says nothing of its tensors.
        if (!(stack.pop() instanceof Dict) || !(stack.top() instanceof Dict)) {
          throw bytes.broken("only a dictionary is given attributes");
        }
      }
      default ->
          throw bytes.broken("the instruction " + PickleName.instruction(code) + " is refused");
    }
  }

  // ---- what instructions mean ----

  private PickleName named(String module, String name) {
    return PickleName.of(module, name)
        .orElseThrow(() ->
            bytes.broken(
                "the name "
                    + shortened(module + "." + name)
                    + " is refused: only tensors are read, and nothing is run"));
  }

  private void set(Object target, List<Object> pairs) {
    if (!(target instanceof Dict dict) || pairs.size() % 2 != 0) {
      throw bytes.broken("pairs go into a dictionary");
    }
    for (int i = 0; i < pairs.size(); i += 2) {
      String key = text(pairs.get(i));
      if (dict.entries.putIfAbsent(key, pairs.get(i + 1)) != null) {
        throw bytes.broken("no key stands twice: '" + shortened(key) + "'");
      }
    }
  }

  private void checkLists(int code) {
    if (!lists) {
      throw bytes.broken("the instruction " + PickleName.instruction(code) + " is refused");
    }
  }

  private void append(List<Object> more) {
    if (!(stack.top() instanceof Items list)) {
      throw bytes.broken("items go into a list");
    }
    list.items.addAll(more);
  }

  private Object call(Object function, Object arguments) {
    List<Object> given = tuple(arguments);
    if (function == PickleName.ORDERED_DICT && given.isEmpty()) {
      return new Dict();
    }
    if (function == PickleName.REBUILD_PARAMETER && given.size() == 3) {
      checkHooks(given.get(2));
      if (given.get(0) instanceof TorchTensor tensor) {
        return tensor;
      }
    }
    if (function == PickleName.REBUILD_TENSOR && (given.size() == 6 || given.size() == 7)) {
      checkHooks(given.get(5));
      if (given.size() == 7) {
        checkHooks(given.get(6));
      }
      if (given.get(0) instanceof Storage storage) {
        return tensor(storage, number(given.get(1)), numbers(given.get(2)), numbers(given.get(3)));
      }
    }
    throw bytes.broken(
        "the call of "
            + (function instanceof PickleName name ? name.toString() : described(function))
            + " with "
            + given.size()
            + " arguments of these kinds is refused");
  }

  private void checkHooks(Object value) {
    if (value != Only.NONE && !(value instanceof Dict dict && dict.entries.isEmpty())) {
      throw bytes.broken("a tensor has no hooks and no other attributes");
    }
  }

  private Storage storage(Object id) {
    List<Object> words = tuple(id);
    // The form before 1.6 has a sixth word, for storages that are parts of others.
    boolean whole = words.size() == 5 || (words.size() == 6 && words.get(5) == Only.NONE);
    if (!whole
        || !"storage".equals(words.get(0))
        || !(words.get(1) instanceof PickleName kind)
        || kind.elements().isEmpty()
        || !(words.get(3) instanceof String)) {
      throw bytes.broken("a persistent id names a storage: its class, key, place and size");
    }
    SafetensorsType type = kind.elements().get();
    String key = text(words.get(2));
    long elements = number(words.get(4));
    if (elements < 0 || elements > Long.MAX_VALUE >> 6) {
      throw bytes.broken(
          "the storage " + shortened(key) + " cannot have " + elements + " elements");
    }
    try {
      return new Storage(type, key, elements, storages.find(key, type, elements));
    } catch (IllegalArgumentException e) {
      throw bytes.broken(String.valueOf(e.getMessage()));
    }
  }

  private TorchTensor tensor(Storage storage, long offset, List<Long> dims, List<Long> strides) {
    if (dims.size() != strides.size() || dims.size() > MOST_AXES) {
      throw bytes.broken("a tensor has one stride for each of at most " + MOST_AXES + " axes");
    }
    try {
      long count = 1;
      long last = offset;
      for (int axis = 0; axis < dims.size(); axis++) {
        if (dims.get(axis) < 0 || strides.get(axis) < 0) {
          throw bytes.broken("sizes and strides are not negative");
        }
        count = Math.multiplyExact(count, dims.get(axis));
        if (dims.get(axis) > 0) {
          last = Math.addExact(last, Math.multiplyExact(dims.get(axis) - 1, strides.get(axis)));
        }
      }
      boolean inside = offset >= 0 && (count == 0 || last < storage.elements());
      // What repeats elements could be of any size; no weight does.
      if (!inside || count > storage.elements()) {
        throw bytes.broken(
            "a tensor lies inside its storage of "
                + storage.elements()
                + " elements: sizes "
                + dims
                + ", strides "
                + strides
                + ", offset "
                + offset);
      }
    } catch (ArithmeticException e) {
      throw bytes.broken("sizes and strides give places below 2^63");
    }
    return new TorchTensor(storage.type(), dims, strides, offset, storage.key(), storage.memory());
  }

  // ---- kinds of values ----

  private List<Object> tuple(Object value) {
    if (value instanceof Tuple tuple) {
      return tuple.items();
    }
    throw bytes.broken("a tuple stands here, not " + described(value));
  }

  private String text(Object value) {
    if (value instanceof String text) {
      return text;
    }
    throw bytes.broken("a text stands here, not " + described(value));
  }

  private long number(Object value) {
    if (value instanceof Long number) {
      return number;
    }
    throw bytes.broken("a whole number stands here, not " + described(value));
  }

  private List<Long> numbers(Object value) {
    return tuple(value).stream().map(this::number).toList();
  }

  private static String described(Object value) {
    return switch (value) {
      case String text -> "the text '" + shortened(text) + "'";
      case Long number -> "the number " + number;
      case Double number -> "the number " + number;
      case Boolean truth -> String.valueOf(truth);
      case PickleName name -> "the name " + name;
      case Tuple _ -> "a tuple";
      case Dict _ -> "a dictionary";
      case Items _ -> "a list";
      case Storage _ -> "a storage";
      case TorchTensor _ -> "a tensor";
      default -> "nothing";
    };
  }

  private static String shortened(String text) {
    return text.length() <= 120 ? text : text.substring(0, 120) + "...";
  }
}
