package dev.quintet.tokenizers.sentencepiece.file;

import dev.quintet.tokenizers.file.TokenizerFiles;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/// The list of pieces that `spm_train` writes beside a model: one a line, a tab and its score.
public final class SentencePieceVocab {

  /// C++ streams write six significant digits.
  private static final int DIGITS = 6;

  private SentencePieceVocab() {}

  /// Writes a model's list.
  ///
  /// @param model the model
  /// @param scores whether scores are written
  /// @param file the file; it is written beside and then renamed
  public static void write(SentencePieceModel model, boolean scores, Path file) {
    TokenizerFiles.write(file, text(model, scores).getBytes(StandardCharsets.UTF_8));
  }

  /// The list.
  ///
  /// @param model the model
  /// @param scores whether scores are written
  /// @return its lines
  public static String text(SentencePieceModel model, boolean scores) {
    StringBuilder text = new StringBuilder();
    for (int id = 0; id < model.size(); id++) {
      text.append(model.piece(id));
      if (scores) {
        text.append('\t').append(number(model.score(id)));
      }
      text.append('\n');
    }
    return text.toString();
  }

  /// A number as C's `%g` has it.
  static String number(float value) {
    if (value == 0) {
      return 1 / value < 0 ? "-0" : "0";
    }
    BigDecimal rounded =
        new BigDecimal(value).round(new MathContext(DIGITS, RoundingMode.HALF_EVEN));
    int exponent = rounded.precision() - rounded.scale() - 1;
    if (exponent >= -4 && exponent < DIGITS) {
      return rounded.stripTrailingZeros().toPlainString();
    }
    String digits = rounded.stripTrailingZeros().unscaledValue().abs().toString();
    String fraction = digits.length() == 1 ? "" : "." + digits.substring(1);
    String power = (exponent < 0 ? "-" : "+") + (Math.abs(exponent) < 10 ? "0" : "");
    return (value < 0 ? "-" : "") + digits.charAt(0) + fraction + "e" + power + Math.abs(exponent);
  }
}
