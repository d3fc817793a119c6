package dev.quintet.trainer.rows;

import java.util.Optional;

/// The rows of one open file.
interface FileRows extends AutoCloseable {

  /// The next row; nothing at the end.
  ///
  /// @throws dev.quintet.trainer.data.MalformedDataException if it breaks the rules
  Optional<Row> next();

  /// Goes behind the row that broke the rules; false if what follows cannot be told.
  boolean goOn();

  @Override
  void close();
}
