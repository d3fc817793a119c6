package dev.quintet.app.demo;

/// Walks over the tokens of a stretch of Java source that is known to parse; comments are passed
/// over.
///
/// javac's own scanner is not part of its public API, and printing its trees costs more than
/// parsing them.
final class JavaLexer {
  enum Kind {
    IDENTIFIER,
    NUMBER,
    STRING,
    CHARACTER,
    OPERATOR,
    END
  }

  private static final String[] LONG_OPERATORS = {
    ">>>=", "<<=", ">>=", ">>>", "...", "->", "::", "++", "--", "&&", "||", "==", "!=", "<=", ">=",
    "+=", "-=", "*=", "/=", "&=", "|=", "^=", "%=", "<<", ">>"
  };
  private static final String LONG_STARTS = "<>.-:+&|=!*/^%";

  private final String text;
  private final int limit;
  private int position;
  private int start;
  private int end;

  JavaLexer(String text, int from, int limit) {
    this.text = text;
    this.position = from;
    this.limit = limit;
  }

  /// The token's own text; of a string or character literal, what is between the quotes.
  String token() {
    return text.substring(start, end);
  }

  /// Where the token ends in the text.
  int end() {
    return end;
  }

  Kind next() {
    skipBlanksAndComments();
    if (position >= limit) {
      return Kind.END;
    }
    start = position;
    char c = text.charAt(position);
    if (c == '"') {
      return text.startsWith("\"\"\"", position) ? quoted(3, Kind.STRING) : quoted(1, Kind.STRING);
    }
    if (c == '\'') {
      return quoted(1, Kind.CHARACTER);
    }
    if (isDigit(c) || (c == '.' && position + 1 < limit && isDigit(text.charAt(position + 1)))) {
      return number();
    }
    if (Character.isJavaIdentifierStart(c) || Character.isHighSurrogate(c)) {
      while (position < limit && isIdentifierPart(text.charAt(position))) {
        position++;
      }
      end = position;
      return Kind.IDENTIFIER;
    }
    position += operatorLength(c);
    end = position;
    return Kind.OPERATOR;
  }

  private void skipBlanksAndComments() {
    while (position < limit) {
      char c = text.charAt(position);
      if (c <= ' ') {
        position++;
      } else if (c == '/' && text.startsWith("//", position)) {
        while (position < limit && text.charAt(position) != '\n' && text.charAt(position) != '\r') {
          position++;
        }
      } else if (c == '/' && text.startsWith("/*", position)) {
        int close = text.indexOf("*/", position + 2);
        position = close < 0 ? limit : Math.min(limit, close + 2);
      } else {
        return;
      }
    }
  }

  private Kind quoted(int quotes, Kind kind) {
    char quote = text.charAt(position);
    position += quotes;
    start = position;
    while (position < limit) {
      char c = text.charAt(position);
      if (c == '\\') {
        position += 2;
      } else if (c == quote && (quotes == 1 || text.startsWith("\"\"\"", position))) {
        end = position;
        position += quotes;
        return kind;
      } else {
        position++;
      }
    }
    position = limit;
    end = Math.max(start, limit);
    return kind;
  }

  private Kind number() {
    while (position < limit) {
      char c = text.charAt(position);
      boolean sign = (c == '+' || c == '-') && exponent(position - 1);
      if (!sign && c != '.' && !Character.isLetterOrDigit(c) && c != '_') {
        break;
      }
      position++;
    }
    end = position;
    return Kind.NUMBER;
  }

  private boolean exponent(int at) {
    char c = text.charAt(at);
    boolean hexadecimal = text.startsWith("0x", start) || text.startsWith("0X", start);
    return hexadecimal ? c == 'p' || c == 'P' : c == 'e' || c == 'E';
  }

  private int operatorLength(char first) {
    if (LONG_STARTS.indexOf(first) >= 0) {
      for (String operator : LONG_OPERATORS) {
        if (position + operator.length() <= limit && text.startsWith(operator, position)) {
          return operator.length();
        }
      }
    }
    return 1;
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  private static boolean isIdentifierPart(char c) {
    return Character.isJavaIdentifierPart(c) || Character.isSurrogate(c);
  }
}
