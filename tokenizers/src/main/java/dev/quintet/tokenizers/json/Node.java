package dev.quintet.tokenizers.json;

import dev.quintet.tokenizers.file.MalformedFileException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A JSON value with its place, so that whoever reads it can say where something is wrong.
public record Node(String file, String pointer, Json value) {

  public Optional<Node> find(String name) {
    if (!(value instanceof Json.Obj(var members))) {
      throw malformed("expected an object");
    }
    Json member = members.get(name);
    return member == null || member == Json.Mark.NULL
        ? Optional.empty()
        : Optional.of(new Node(file, pointer + "/" + escape(name), member));
  }

  public Node get(String name) {
    return find(name).orElseThrow(() -> malformed("\"" + name + "\" is missing"));
  }

  public List<Node> items() {
    if (!(value instanceof Json.Arr(var items))) {
      throw malformed("expected an array");
    }
    List<Node> nodes = new ArrayList<>(items.size());
    for (int i = 0; i < items.size(); i++) {
      nodes.add(new Node(file, pointer + "/" + i, items.get(i)));
    }
    return nodes;
  }

  public String string() {
    if (value instanceof Json.Str(var text)) {
      return text;
    }
    throw malformed("expected a string");
  }

  public int integer() {
    if (value instanceof Json.Num(var spelled) && spelled.matches("[0-9]{1,9}")) {
      return Integer.parseInt(spelled);
    }
    throw malformed("expected a whole number from 0 to 999999999");
  }

  public boolean bool() {
    if (value instanceof Json.Bool(var truth)) {
      return truth;
    }
    throw malformed("expected true or false");
  }

  public boolean bool(String name, boolean otherwise) {
    return find(name).map(Node::bool).orElse(otherwise);
  }

  public String type() {
    return get("type").string();
  }

  public MalformedFileException malformed(String rule) {
    return new MalformedFileException(file, pointer.isEmpty() ? "the top" : pointer, rule);
  }

  public MalformedFileException unsupported(String what, String supported) {
    return malformed(what + " is not supported; supported are " + supported);
  }

  /// RFC 6901, section 3.
  private static String escape(String name) {
    return name.replace("~", "~0").replace("/", "~1");
  }
}
