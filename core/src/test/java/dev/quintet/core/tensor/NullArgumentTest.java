package dev.quintet.core.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.core.nn.Linear;
import dev.quintet.core.nn.Module;
import dev.quintet.core.shape.Device;
import dev.quintet.core.shape.Shape;
import java.lang.reflect.Array;
import java.lang.reflect.Executable;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

class NullArgumentTest {
  /// Harmless, or nothing that a caller of the library sees.
  private static final Set<String> LEFT_OUT = Set.of("equals", "over", "close", "wait");

  @Test
  void namesEveryArgumentThatIsNull() throws ReflectiveOperationException {
    int checked = 0;
    try (var layer = new Linear(Parameter.full(Shape.of(2, 2), 1, Device.cpu()));
        var scope = Scope.open(Device.cpu())) {
      for (Object self :
          List.of(Tensor.ones(Shape.of(2, 2)), layer.weight(), scope, Shape.of(2, 2), layer)) {
        Class<?> type = self instanceof Module ? Module.class : self.getClass();
        var methods = new ArrayList<>(List.of(type.getDeclaredMethods()));
        for (Class<?> part : type.getInterfaces()) {
          methods.addAll(List.of(part.getDeclaredMethods()));
        }
        for (Method method : methods) {
          if (Modifier.isPublic(method.getModifiers())
              && !method.isSynthetic()
              && !LEFT_OUT.contains(method.getName())) {
            checked += check(method, self);
          }
        }
      }
    }
    assertTrue(checked > 60, "few arguments were checked: " + checked);
  }

  private static int check(Method method, Object self) throws ReflectiveOperationException {
    int checked = 0;
    Class<?>[] types = method.getParameterTypes();
    for (int nullAt = 0; nullAt < types.length; nullAt++) {
      if (types[nullAt].isPrimitive()) {
        continue;
      }
      Object[] arguments = new Object[types.length];
      for (int i = 0; i < types.length; i++) {
        arguments[i] = i == nullAt ? null : sample(types[i]);
      }
      String call = method.getDeclaringClass().getSimpleName() + "." + method.getName();
      try {
        method.invoke(Modifier.isStatic(method.getModifiers()) ? null : self, arguments);
        throw new AssertionError(call + " took null for " + name(method, nullAt));
      } catch (InvocationTargetException e) {
        assertEquals(NullPointerException.class, e.getCause().getClass(), call + e.getCause());
        String message = String.valueOf(e.getCause().getMessage());
        assertTrue(!message.contains(" ") && !message.equals("null"), call + ": " + message);
        checked++;
      }
    }
    return checked;
  }

  private static String name(Executable method, int index) {
    return method.getParameters()[index].getName();
  }

  private static Object sample(Class<?> type) {
    if (type == int.class) {
      return 0;
    } else if (type == long.class) {
      return 0L;
    } else if (type == float.class) {
      return 0f;
    } else if (type == double.class) {
      return 0.0;
    } else if (type == boolean.class) {
      return false;
    } else if (type == Tensor.class) {
      return Tensor.ones(Shape.of(2, 2));
    } else if (type == Shape.class) {
      return Shape.of(2, 2);
    } else if (type == Device.class) {
      return Device.cpu();
    } else if (type == String.class) {
      return "weight";
    } else if (type == List.class) {
      return List.of();
    } else if (type == Runnable.class) {
      return (Runnable) () -> {};
    } else if (type.isEnum()) {
      return type.getEnumConstants()[0];
    } else if (type == dev.quintet.core.backend.DropoutMask.class) {
      return dev.quintet.core.backend.DropoutMask.NONE;
    } else if (type == AttentionOptions.class) {
      return AttentionOptions.PLAIN;
    } else if (type == CrossEntropyOptions.class) {
      return CrossEntropyOptions.MEAN;
    }
    return sampleOfAutograd(type);
  }

  private static Object sampleOfAutograd(Class<?> type) {
    if (type == dev.quintet.core.backend.Backend.class) {
      return dev.quintet.core.backend.Backends.of(Device.cpu());
    } else if (type == dev.quintet.core.autograd.BackwardRule.class) {
      return (dev.quintet.core.autograd.BackwardRule) dy -> {};
    } else if (type == dev.quintet.core.backend.StoredForm.class) {
      return dev.quintet.core.backend.StoredForm.of(dev.quintet.core.shape.Precision.INT8, 2, 2);
    } else if (type == Module.class) {
      return new Linear(Parameter.full(Shape.of(1, 1), 1, Device.cpu()));
    }
    if (type.isArray()) {
      return Array.newInstance(type.getComponentType(), 0);
    }
    return samplesOfTheJdk(type);
  }

  private static Object samplesOfTheJdk(Class<?> type) {
    if (type == java.nio.file.Path.class) {
      return java.nio.file.Path.of("x");
    } else if (type == java.lang.foreign.MemorySegment.class) {
      return java.lang.foreign.MemorySegment.NULL;
    } else if (type == java.nio.Buffer.class) {
      return java.nio.FloatBuffer.allocate(4);
    } else if (type == Supplier.class) {
      return (Supplier<?>) () -> "";
    } else if (type == java.util.Collection.class) {
      return List.of();
    } else if (type == java.util.function.Consumer.class) {
      return (java.util.function.Consumer<?>) told -> {};
    } else if (type == Class.class) {
      return Module.class;
    } else if (type == Object.class) {
      return "";
    }
    throw new AssertionError("no sample of " + type);
  }
}
