package dev.quintet.tokenizers.json;

/// Writes JSON as Hugging Face's library does (serde_json): compact, or with two spaces a level;
/// only what must be escaped is.
public final class JsonWriter {

  private final StringBuilder out = new StringBuilder();
  private final boolean pretty;
  private int depth;
  private boolean first = true;

  public JsonWriter(boolean pretty) {
    this.pretty = pretty;
  }

  public void open(char bracket) {
    out.append(bracket);
    depth++;
    first = true;
  }

  public void close(char bracket) {
    depth--;
    if (!first) {
      line();
    }
    out.append(bracket);
    first = false;
  }

  /// Begins an item of an array or a member of an object.
  public void item() {
    if (!first) {
      out.append(',');
    }
    line();
    first = false;
  }

  public void name(String name) {
    item();
    string(name);
    out.append(pretty ? ": " : ":");
  }

  public void raw(String spelled) {
    out.append(spelled);
  }

  private void line() {
    if (pretty) {
      out.append('\n').repeat(' ', 2 * depth);
    }
  }

  public void string(String text) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> out.append("\\\"");
        case '\\' -> out.append("\\\\");
        case '\b' -> out.append("\\b");
        case '\f' -> out.append("\\f");
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        default -> {
          if (c < 0x20) {
            out.append("\\u00").append(Character.forDigit(c >> 4, 16));
            out.append(Character.forDigit(c & 15, 16));
          } else {
            out.append(c);
          }
        }
      }
    }
    out.append('"');
  }

  /// Writes a tree; the marks write what they stand for.
  public void tree(Json value, Runnable vocabulary, Runnable merges) {
    switch (value) {
      case Json.Obj(var members) -> {
        open('{');
        members.forEach((name, member) -> {
          name(name);
          tree(member, vocabulary, merges);
        });
        close('}');
      }
      case Json.Arr(var items) -> {
        open('[');
        for (Json one : items) {
          item();
          tree(one, vocabulary, merges);
        }
        close(']');
      }
      case Json.Str(var text) -> string(text);
      case Json.Num(var spelled) -> raw(spelled);
      case Json.Bool(var truth) -> raw(truth ? "true" : "false");
      case Json.Mark mark -> {
        switch (mark) {
          case NULL -> raw("null");
          case VOCABULARY -> vocabulary.run();
          case MERGES -> merges.run();
        }
      }
    }
  }

  @Override
  public String toString() {
    return out.toString();
  }
}
