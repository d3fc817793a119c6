package dev.quintet.tokenizers.regex;

/// Says which part of a regular expression the JDK cannot say, where it stands, and what to use instead.
public final class UnsupportedRegexException extends Exception {
  private static final long serialVersionUID = 1;

  UnsupportedRegexException(String part, int offset, String instead) {
    super(
        "%s at character %d of the regular expression is not supported; %s"
            .formatted(part, offset, instead));
  }
}
