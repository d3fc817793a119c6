package dev.quintet.core.instrument;

import dev.quintet.core.backend.Backend;
import dev.quintet.core.backend.Backends;
import dev.quintet.core.backend.DecoderKernels;
import dev.quintet.core.backend.Memory;
import dev.quintet.core.backend.Queue;
import dev.quintet.core.cpu.CpuProvider;
import dev.quintet.core.shape.Device;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// A backend over the processor's, each of whose kernel calls passes through [#kernel], whatever families and methods
/// there are.
public abstract class Instrument {
  private static final AtomicInteger OPENED = new AtomicInteger();

  /// The processor, which computes; what its kernels borrow is not in the instrument's memory.
  private final Backend cpu = new CpuProvider().open(0);

  private final Map<Method, Object> families = new ConcurrentHashMap<>();
  private final Backend backend;
  private final Device device;

  /// An instrument that is this device.
  protected Instrument(Device device) {
    this.device = device;
    this.backend =
        (Backend)
            Proxy.newProxyInstance(
                Backend.class.getClassLoader(),
                new Class<?>[] {Backend.class},
                (proxy, method, arguments) -> answer(proxy, method, arguments));
  }

  /// A device that nobody else has.
  protected static Device unused() {
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

  /// Makes it the backend of its device.
  protected final void register() {
    Backends.register(backend);
  }

  /// Its memory.
  protected abstract Memory memory();

  /// Its order of work.
  protected abstract Queue queue();

  /// A call of a kernel; the answer of those that answer.
  ///
  /// @param family the processor's kernels
  /// @throws Throwable what the kernel throws
  protected abstract @Nullable Object kernel(Object family, Method method, Object[] arguments)
      throws Throwable;

  private @Nullable Object answer(Object proxy, Method method, Object @Nullable [] given)
      throws Throwable {
    Object[] arguments = given == null ? new Object[0] : given;
    return switch (method.getName()) {
      case "equals" -> proxy == arguments[0];
      case "hashCode" -> System.identityHashCode(proxy);
      case "toString", "description" -> getClass().getSimpleName() + " over " + cpu.description();
      case "device" -> device;
      case "details" -> Map.of();
      case "memory" -> memory();
      case "queue", "openQueue" -> queue();
      case "skipsPadding" -> false; // it stands for devices that are asked for no lengths
      case "decoder" -> DecoderKernels.NONE; // a plan's calls would pass nobody
      default ->
          method.getReturnType().getSimpleName().endsWith("Kernels")
              ? families.computeIfAbsent(method, this::family)
              : invoke(cpu, method, arguments);
    };
  }

  private Object family(Method accessor) {
    try {
      Object kernels = Objects.requireNonNull(invoke(cpu, accessor, new Object[0]));
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

  /// Calls a method, and throws what it throws.
  ///
  /// @throws Throwable what the method throws
  protected static @Nullable Object invoke(
      Object target, Method method, Object @Nullable [] arguments) throws Throwable {
    try {
      return method.invoke(target, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }
}
