package dev.quintet.core.backend;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/// Which operations made the large blocks that are in use, for the message that says that there is no room. For the
/// holder of the pool's lock.
///
/// Looking up the stack takes a microsecond or two, so it is done for large blocks alone, whose kernels take many.
final class Makers {
  /// The smallest block whose maker is looked up.
  static final long LARGE = 16L << 20;

  private static final StackWalker STACK = StackWalker.getInstance();
  private static final String CORE = "dev.quintet.core.";

  /// Whose frames do not say what is computed.
  private static final List<String> ROOMS =
      List.of(
          CORE + "backend.",
          CORE + "tensor.",
          CORE + "autograd.",
          CORE + "cpu.",
          "dev.quintet.kernels.");

  private final Map<Long, String> makers = new HashMap<>();

  void add(long address, long bytes) {
    if (bytes >= LARGE) {
      makers.put(address, STACK.walk(Makers::maker));
    }
  }

  void remove(long address, long bytes) {
    if (bytes >= LARGE) {
      makers.remove(address);
    }
  }

  /// The maker of a block.
  ///
  /// @param otherwise what to call the maker of a smaller one
  String of(long address, String otherwise) {
    return Objects.requireNonNullElse(makers.get(address), otherwise);
  }

  /// The first that is neither memory, tape nor kernel: an operation, or who calls for memory himself.
  private static String maker(Stream<StackWalker.StackFrame> frames) {
    return frames
        .filter(frame -> ROOMS.stream().noneMatch(frame.getClassName()::startsWith))
        .findFirst()
        .map(frame -> name(frame.getClassName(), frame.getMethodName()))
        .orElse("others");
  }

  /// `Products.linear`, of a lambda too.
  private static String name(String type, String method) {
    String plain = method.startsWith("lambda$") ? method.split("\\$")[1] : method;
    return type.substring(type.lastIndexOf('.') + 1) + "." + plain;
  }
}
