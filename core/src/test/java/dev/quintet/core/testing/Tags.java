package dev.quintet.core.testing;

import java.lang.reflect.Array;
import java.lang.reflect.Constructor;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// Addresses that nobody can follow: those of memory with a tag in their upper bits.
///
/// The tag is recognised by value, in any `long` of the arguments of a call, of the records and of the arrays in
/// them; random numbers are passed over by their names.
final class Tags {
  private static final long TAG = 0x5AL << 48;
  private static final Set<String> RANDOM = Set.of("seed", "step", "site");
  private static final Map<Class<?>, Parts> RECORDS = new ConcurrentHashMap<>();

  private volatile long lowest = Long.MAX_VALUE;
  private volatile long highest;

  /// A block's address, tagged.
  synchronized long tag(long address, long bytes) {
    lowest = Math.min(lowest, address);
    highest = Math.max(highest, address + bytes);
    return address | TAG;
  }

  boolean tagged(long value) {
    long address = value & ~TAG;
    return value >>> 48 == 0x5A && address >= lowest && address <= highest;
  }

  /// The address without its tag.
  ///
  /// @throws IllegalArgumentException if it has none
  long untag(long address) {
    if (!tagged(address)) {
      throw new IllegalArgumentException(
          "0x" + Long.toHexString(address) + " is no address of this device's memory");
    }
    return address & ~TAG;
  }

  /// The arguments of a call for the processor: copies without tags.
  ///
  /// @throws IllegalArgumentException if an address of the host is among them
  Object[] untagged(Method method, Object[] arguments) {
    var parameters = method.getParameters();
    Object[] plain = arguments.clone();
    for (int i = 0; i < plain.length; i++) {
      plain[i] =
          untagged(method + ", " + parameters[i].getName(), parameters[i].getName(), plain[i]);
    }
    return plain;
  }

  private Object untagged(String place, String name, Object value) {
    return switch (value) {
      case Long number -> plain(place, name, number);
      case long[] many ->
          Arrays.stream(many).map(each -> (Long) plain(place, name, each)).toArray();
      case Object[] many -> {
        Object[] plain = many.clone();
        Arrays.setAll(plain, i -> untagged(place, name, many[i]));
        yield plain;
      }
      case List<?> many -> many.stream().map(each -> untagged(place, name, each)).toList();
      case Record parts -> untagged(place, parts);
      default ->
          value.getClass().isArray() ? copy(value) : value; // the caller may go on writing to it
    };
  }

  private static Object copy(Object array) {
    Object copy = Array.newInstance(array.getClass().getComponentType(), Array.getLength(array));
    System.arraycopy(array, 0, copy, 0, Array.getLength(array));
    return copy;
  }

  private Object plain(String place, String name, long value) {
    if (RANDOM.contains(name)) {
      return value;
    }
    if (value >>> 47 == 0 && value >>> 40 != 0) {
      throw new IllegalArgumentException(
          place
              + ": 0x"
              + Long.toHexString(value)
              + " is an address of the host, not of the device");
    }
    return tagged(value) ? value & ~TAG : value;
  }

  private Object untagged(String place, Record value) {
    Parts parts = RECORDS.computeIfAbsent(value.getClass(), Parts::of);
    Object[] plain = new Object[parts.accessors.size()];
    boolean changed = false;
    try {
      for (int i = 0; i < plain.length; i++) {
        Method accessor = parts.accessors.get(i);
        Object before = accessor.invoke(value);
        plain[i] =
            before == null
                ? null
                : untagged(place + "." + accessor.getName(), accessor.getName(), before);
        changed |= !java.util.Objects.equals(before, plain[i]);
      }
      return changed ? parts.constructor.newInstance(plain) : value;
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(place, e);
    }
  }

  private record Parts(List<Method> accessors, Constructor<?> constructor) {
    static Parts of(Class<?> type) {
      try {
        RecordComponent[] components = type.getRecordComponents();
        var types = Arrays.stream(components).map(RecordComponent::getType).toArray(Class[]::new);
        Constructor<?> constructor = type.getDeclaredConstructor(types);
        constructor.setAccessible(true);
        var accessors = Arrays.stream(components).map(RecordComponent::getAccessor).toList();
        accessors.forEach(accessor -> accessor.setAccessible(true));
        return new Parts(accessors, constructor);
      } catch (NoSuchMethodException e) {
        throw new IllegalStateException(e);
      }
    }
  }
}
