package dev.quintet.models.torch;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The values that a pickle's instructions push, take and keep by number.
final class PickleStack {
  private static final int MOST_VALUES = 1 << 20;
  private static final Object MARK = new Object();

  private final PickleBytes bytes;
  private final List<Object> stack = new ArrayList<>();
  private final Map<Integer, Object> memo = new HashMap<>();

  /// @param bytes for what is wrong
  PickleStack(PickleBytes bytes) {
    this.bytes = bytes;
  }

  void push(Object value) {
    stack.add(value);
    if (stack.size() > MOST_VALUES) {
      throw tooMany();
    }
  }

  void mark() {
    push(MARK);
  }

  Object top() {
    if (stack.isEmpty() || stack.getLast() == MARK) {
      throw bytes.broken("the stack holds what an instruction takes");
    }
    return stack.getLast();
  }

  Object pop() {
    Object value = top();
    stack.removeLast();
    return value;
  }

  /// The topmost values, in the order in which they were pushed.
  List<Object> pop(int count) {
    Object[] values = new Object[count];
    for (int i = count - 1; i >= 0; i--) {
      values[i] = pop();
    }
    return List.of(values);
  }

  /// The values above the topmost mark, which goes with them.
  List<Object> popToMark() {
    int mark = stack.lastIndexOf(MARK);
    if (mark < 0) {
      throw bytes.broken("there is a mark where an instruction needs one");
    }
    List<Object> values = List.copyOf(stack.subList(mark + 1, stack.size()));
    stack.subList(mark, stack.size()).clear();
    return values;
  }

  /// The only value.
  Object last() {
    if (stack.size() != 1) {
      throw bytes.broken("one value is left at STOP");
    }
    return top();
  }

  /// Keeps the topmost value under a number.
  void keep(int number) {
    memo.put(number, top());
    if (memo.size() > MOST_VALUES) {
      throw tooMany();
    }
  }

  /// Keeps the topmost value under the next number.
  void keep() {
    keep(memo.size());
  }

  /// Pushes a value that was kept.
  void recall(int number) {
    Object value = memo.get(number);
    if (value == null) {
      throw bytes.broken("the value number " + number + " was kept before it is asked for");
    }
    push(value);
  }

  private RuntimeException tooMany() {
    return bytes.broken("it holds at most " + MOST_VALUES + " values at a time");
  }
}
