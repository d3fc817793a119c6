package dev.quintet.core.testing;

import dev.quintet.core.backend.Backend;
import dev.quintet.core.backend.Backends;
import dev.quintet.core.backend.Memory;
import dev.quintet.core.backend.Queue;
import dev.quintet.core.cpu.CpuProvider;
import dev.quintet.core.shape.Device;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// A backend over the processor's, each of whose kernel calls passes through [#kernel], whatever families and methods
/// there are.
abstract class Instrument {
  private static final AtomicInteger OPENED = new AtomicInteger();

  /// The processor, which computes; what its kernels borrow is not in the instrument's memory.
  final Backend cpu = new CpuProvider().open(0);

  private final Map<Method, Object> families = new ConcurrentHashMap<>();
  private final Backend backend;
  private final Device device;

  Instrument(Device device) {
    this.device = device;
    this.backend =
        (Backend)
            Proxy.newProxyInstance(
                Backend.class.getClassLoader(),
                new Class<?>[] {Backend.class},
                (proxy, method, arguments) -> answer(proxy, method, arguments));
  }

  /// A device that nobody else has.
  static Device unused() {
    return Device.cuda(1000 + OPENED.incrementAndGet());
  }

  /// The backend of this instrument.
  public final Backend backend() {
    return backend;
  }

  /// The device of this instrument.
  public final Device device() {
    return device;
  }

  final void register() {
    Backends.register(backend);
  }

  abstract Memory memory();

  abstract Queue queue();

  /// A call of a kernel; the answer of those that answer.
  ///
  /// @param family the processor's kernels
  abstract @Nullable Object kernel(Object family, Method method, Object[] arguments)
      throws Throwable;

  private @Nullable Object answer(Object proxy, Method method, Object @Nullable [] given)
      throws Throwable {
    Object[] arguments = given == null ? new Object[0] : given;
    return switch (method.getName()) {
      case "equals" -> proxy == arguments[0];
      case "hashCode" -> System.identityHashCode(proxy);
      case "toString", "description" -> getClass().getSimpleName() + " over " + cpu.description();
      case "device" -> device;
      case "memory" -> memory();
      case "queue", "openQueue" -> queue();
      default ->
          method.getReturnType().getSimpleName().endsWith("Kernels")
              ? families.computeIfAbsent(method, this::family)
              : invoke(cpu, method, arguments);
    };
  }

  private Object family(Method accessor) {
    try {
      Object kernels = invoke(cpu, accessor, new Object[0]);
      return Proxy.newProxyInstance(
          Backend.class.getClassLoader(),
          new Class<?>[] {accessor.getReturnType()},
          (_, method, arguments) ->
              method.getDeclaringClass() == Object.class
                  ? invoke(kernels, method, arguments)
                  : kernel(kernels, method, arguments));
    } catch (Throwable e) {
      throw new IllegalStateException(accessor.toString(), e);
    }
  }

  static @Nullable Object invoke(Object target, Method method, Object @Nullable [] arguments)
      throws Throwable {
    try {
      return method.invoke(target, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }
}
