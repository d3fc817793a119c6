package dev.quintet.kernels.cuda;

import dev.quintet.core.backend.Backend;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.function.BiFunction;

/// The stand-in's backend with other kernels for one family, such as the plain ones that run only where the fast ones
/// cannot.
final class Rung {
  private Rung() {}

  /// @param family the backend's method that gives the kernels
  /// @param kernels makes them, of the opened device and the backend that they are a part of
  static Backend of(CudaBackend whole, String family, BiFunction<CudaBackend, Backend, ?> kernels) {
    var made = new Object[1];
    var backend =
        (Backend)
            Proxy.newProxyInstance(
                Rung.class.getClassLoader(),
                new Class<?>[] {Backend.class},
                (_, method, arguments) -> {
                  if (method.getName().equals(family)) {
                    return made[0];
                  }
                  try {
                    return method.invoke(whole, arguments);
                  } catch (InvocationTargetException e) {
                    throw e.getCause();
                  }
                });
    made[0] = kernels.apply(whole, backend);
    return backend;
  }
}
