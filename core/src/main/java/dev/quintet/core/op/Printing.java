package dev.quintet.core.op;

import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.Parameter;
import dev.quintet.core.tensor.Scope;
import dev.quintet.core.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// What a tensor looks like: type, shape, device and values, rows under each other, long axes cut in the middle.
final class Printing {
  /// Tensors of more elements are cut to [#EDGE] at both ends of each axis, as NumPy's are.
  private static final int WHOLE = 1000;

  private static final int EDGE = 3;

  private final Tensor tensor;
  private final boolean cut;
  private final List<String> cells = new ArrayList<>();

  private Printing(Tensor tensor) {
    this.tensor = tensor;
    this.cut = tensor.elements() > WHOLE;
  }

  static String of(Tensor x) {
    var text = new StringBuilder();
    if (x instanceof Parameter parameter) {
      text.append(parameter.name().map(name -> "parameter " + name + " ").orElse("parameter "));
    }
    text.append(x.type()).append(' ').append(x.shape()).append(" on ").append(x.device());
    if (x instanceof Parameter parameter && !parameter.trains()) {
      text.append(", frozen");
    }
    try {
      return text + new Printing(x).values();
    } catch (IllegalStateException e) {
      // also where another thread frees it just now
      return text.append(", freed").toString();
    }
  }

  private String values() {
    Scope.reading(
        tensor.device(),
        () -> {
          tensor.address();
          if (tensor.elements() > 0) {
            gather(0, 0);
          }
        });
    int widest = cells.stream().mapToInt(String::length).max().orElse(0);
    var text = new StringBuilder(tensor.shape().rank() < 2 ? " " : "\n");
    write(text, 0, new int[1], tensor.shape().rank() < 2 ? 0 : widest);
    return text.toString();
  }

  /// Collects the shown elements in order.
  private void gather(int axis, long offset) {
    Shape shape = tensor.shape();
    if (axis >= shape.rank() - 1) {
      int size = shape.width();
      if (cuts(size)) {
        read(offset, EDGE);
        read(offset + size - EDGE, EDGE);
      } else {
        read(offset, size);
      }
      return;
    }
    int size = shape.dim(axis);
    long step = shape.elements(axis + 1, shape.rank());
    for (int i = 0; i < size; i = next(i, size)) {
      gather(axis + 1, offset + i * step);
    }
  }

  private boolean cuts(int size) {
    return cut && size > 2 * EDGE;
  }

  private int next(int i, int size) {
    return cuts(size) && i == EDGE - 1 ? size - EDGE : i + 1;
  }

  private void read(long from, int count) {
    int bytes = tensor.type().bytes();
    byte[] raw = new byte[count * bytes];
    tensor
        .backend()
        .memory()
        .read(tensor.address() + from * bytes, MemorySegment.ofArray(raw), raw.length);
    ByteBuffer values = ByteBuffer.wrap(raw).order(ByteOrder.nativeOrder());
    for (int i = 0; i < count; i++) {
      cells.add(
          switch (tensor.type()) {
            case F32 -> number(values.getFloat());
            case BF16 -> number(Float.intBitsToFloat(values.getShort() << 16));
            case I32 -> Integer.toString(values.getInt());
            case U8 -> Integer.toString(Byte.toUnsignedInt(values.get()));
            case BOOL -> Boolean.toString(values.get() != 0);
          });
    }
  }

  /// Six digits, without zeros at the end.
  private static String number(float value) {
    if (value == (int) value && Math.abs(value) < 1e6) {
      return (value == 0 && 1 / value < 0 ? "-" : "") + (int) value;
    }
    String text = String.format(Locale.ROOT, "%.6g", value);
    int exponent = text.indexOf('e');
    String digits = exponent < 0 ? text : text.substring(0, exponent);
    if (digits.indexOf('.') < 0) {
      return text;
    }
    int end = digits.length();
    while (digits.charAt(end - 1) == '0') {
      end--;
    }
    end -= digits.charAt(end - 1) == '.' ? 1 : 0;
    return digits.substring(0, end) + (exponent < 0 ? "" : text.substring(exponent));
  }

  /// Writes the part of the tensor that begins with the cell at `place`.
  private void write(StringBuilder text, int axis, int[] place, int width) {
    Shape shape = tensor.shape();
    if (axis == shape.rank()) {
      String cell = cells.get(place[0]++);
      text.repeat(' ', Math.max(0, width - cell.length())).append(cell);
      return;
    }
    int size = shape.dim(axis);
    boolean rows = axis < shape.rank() - 1 && shape.elements() > 0;
    // parts of three axes and more stand apart by empty lines
    String between =
        rows ? ",".concat("\n".repeat(shape.rank() - 1 - axis)).concat(" ".repeat(axis + 1)) : ", ";
    text.append('[');
    for (int i = 0; i < size && shape.elements() > 0; i = next(i, size)) {
      if (i > 0) {
        text.append(between);
      }
      if (cuts(size) && i == size - EDGE) {
        text.append("...").append(between);
      }
      write(text, axis + 1, place, width);
    }
    text.append(']');
  }
}
