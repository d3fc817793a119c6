package dev.quintet.core.cpu.work;

/// How long a kernel's plain form is taken instead of its vectors.
///
/// Until the compiler has a vector loop, every vector in it is an object: a hundred times slower, and the compiling
/// itself takes a second of processor time for a few loops. Plain Java (`Early*`) is quick after milliseconds. It gives
/// the same bits, so that the choice may depend on anything: work on narrow rows never leaves the plain form, and all
/// other work leaves it once so much has been done that vectors will repay themselves, as one buys skis after paying
/// their price in rents.
public final class EarlyForms {
  /// Elements of a row from which vectors are worth their tails; and a weight of so many rows and columns at most is
  /// small.
  public static final int WIDE = 64;

  /// Elements of a parameter up to which it is small.
  public static final int SMALL = WIDE * WIDE;

  /// Multiplications of products in plain form: ten tokens of T5-small, about a second.
  private static final long PRODUCTS = 1 << 30;

  /// Elements of elementwise functions, about half a second of the costly ones.
  private static final long ELEMENTS = 1 << 26;

  /// Multiplications of attention.
  private static final long ATTENTION = 1 << 27;

  private static volatile boolean over;

  private final boolean vectorsOnly;

  // Threads may count over each other; then it takes a little longer.
  private long left;

  private EarlyForms(boolean vectorsOnly, long left) {
    this.vectorsOnly = vectorsOnly;
    this.left = left;
  }

  /// What products may take.
  public static EarlyForms ofProducts() {
    return new EarlyForms(false, PRODUCTS);
  }

  /// What elementwise functions may take.
  public static EarlyForms ofElements() {
    return new EarlyForms(false, ELEMENTS);
  }

  /// What attention may take.
  public static EarlyForms ofAttention() {
    return new EarlyForms(false, ATTENTION);
  }

  /// Ends the early forms of this process but for narrow rows: much work is to come.
  public static void end() {
    over = true;
  }

  /// Vectors for everything.
  public static EarlyForms none() {
    return new EarlyForms(true, 0);
  }

  /// Whether work on narrow rows, or this much of other work, is to be done in plain form.
  public boolean take(boolean narrow, long work) {
    if (narrow || !going()) {
      return always(narrow);
    }
    left -= work;
    return true;
  }

  /// Whether other work than narrow one is to be done in plain form still.
  public boolean going() {
    return left > 0 && !over;
  }

  /// Whether narrow work is to be done in plain form, where its bits differ: by shape alone.
  public boolean always(boolean narrow) {
    return narrow && !vectorsOnly;
  }
}
