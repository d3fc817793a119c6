package dev.quintet.kernels.driver;

/// Which index a kernel found out of bounds, as it reports it by `report` of `quintet.cuh`; a kernel knows the codes by
/// number, and 0 stands for none.
public enum Fault {
  /// A place of a gather.
  GATHER("gather: index %d is outside a table of %d rows"),
  /// A place of a scatter.
  SCATTER("scatterAdd: index %d is outside a table of %d rows"),
  /// A label of a loss.
  LABEL("crossEntropy: label %d is outside a vocabulary of %d and is not the ignored one"),
  /// A start of a packed row.
  STARTS("attention: starts of rows must rise from 0 to all tokens: %d came where %d are the most");

  private final String message;

  Fault(String message) {
    this.message = message;
  }

  /// The number by which kernels know it.
  public int code() {
    return ordinal() + 1;
  }

  /// The exception that says so.
  ///
  /// @param code what a kernel reported
  /// @param index the index that it met
  /// @param limit what the index must be below
  static IndexOutOfBoundsException exception(long code, long index, long limit) {
    return new IndexOutOfBoundsException(
        code >= 1 && code <= values().length
            ? values()[(int) code - 1].message.formatted(index, limit)
            : "a kernel reports fault %d: index %d, limit %d".formatted(code, index, limit));
  }
}
