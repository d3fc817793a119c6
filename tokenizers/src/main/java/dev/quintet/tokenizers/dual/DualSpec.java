package dev.quintet.tokenizers.dual;

import dev.quintet.tokenizers.file.MalformedFileException;
import dev.quintet.tokenizers.file.TokenizerFiles;
import dev.quintet.tokenizers.json.Json;
import dev.quintet.tokenizers.json.JsonReader;
import dev.quintet.tokenizers.json.JsonWriter;
import dev.quintet.tokenizers.json.Node;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// A `dual_tokenizer.json`: how two tokenizers share one id space. Nothing in it may be missing or
/// unknown.
///
/// @param switchTokens whether tokens of their own switch between the two, rather than ranges of ids
/// @param codeOffset what is added to the code tokenizer's ids; 0 with switch tokens
/// @param exact whether what the language tokenizer would not give back goes to the code tokenizer
/// @param router `fences`, `markers`, `code`, `language` or `custom`
/// @param markers the opening and the closing marker; none for other routers
public record DualSpec(
    boolean switchTokens, int codeOffset, boolean exact, String router, List<String> markers) {

  /// The file's name within its folder.
  public static final String FILE = "dual_tokenizer.json";

  private static final String VERSION = "1.0";
  private static final Set<String> MEMBERS =
      Set.of("version", "routing", "code_offset", "exact", "router", "markers");
  private static final List<String> ROUTERS =
      List.of("fences", "markers", "code", "language", "custom");
  private static final String RANGES = "id_ranges";
  private static final String SWITCHES = "switch_tokens";

  /// Keeps a copy of the markers.
  public DualSpec {
    markers = List.copyOf(markers);
  }

  /// Reads a file.
  ///
  /// @param file the file
  /// @return what it says
  /// @throws MalformedFileException when it breaks a rule
  /// @throws java.io.UncheckedIOException when it cannot be read
  public static DualSpec read(Path file) {
    return parse(file.toString(), TokenizerFiles.read(file));
  }

  /// Reads what is in memory.
  ///
  /// @param name what error messages call it
  /// @param utf8 the JSON text
  /// @return what it says
  /// @throws MalformedFileException when it breaks a rule
  public static DualSpec parse(String name, byte[] utf8) {
    try (JsonReader reader = JsonReader.of(name, utf8)) {
      reader.next();
      if (!(reader.tree() instanceof Json.Obj root)) {
        throw reader.malformed("expected an object");
      }
      reader.end();
      return of(new Node(name, "", root), root);
    }
  }

  private static DualSpec of(Node top, Json.Obj root) {
    for (String member : root.members().keySet()) {
      if (!MEMBERS.contains(member)) {
        throw top.malformed("\"" + member + "\" is not a member of this format");
      }
    }
    oneOf(top.get("version"), List.of(VERSION));
    boolean switches = oneOf(top.get("routing"), List.of(RANGES, SWITCHES)).equals(SWITCHES);
    int offset = top.get("code_offset").integer();
    if (switches && offset != 0) {
      throw top.get("code_offset").malformed("expected 0 with switch tokens, got " + offset);
    }
    boolean exact = top.get("exact").bool();
    String router = oneOf(top.get("router"), ROUTERS);
    Optional<Node> listed = top.find("markers");
    List<String> markers =
        listed.map(Node::items).orElse(List.of()).stream().map(Node::string).toList();
    if (markers.size() != (router.equals("markers") ? 2 : 0) || markers.contains("")) {
      throw listed
          .orElse(top)
          .malformed("expected two \"markers\" for the router \"markers\", and none for others");
    }
    return new DualSpec(switches, offset, exact, router, markers);
  }

  private static String oneOf(Node node, List<String> allowed) {
    if (!allowed.contains(node.string())) {
      throw node.malformed("expected one of " + allowed + ", got \"" + node.string() + "\"");
    }
    return node.string();
  }

  /// Writes a file, whole or not at all.
  ///
  /// @param file where to
  /// @throws java.io.UncheckedIOException when it cannot be written
  public void write(Path file) {
    var members = new LinkedHashMap<String, Json>();
    members.put("version", new Json.Str(VERSION));
    members.put("routing", new Json.Str(switchTokens ? SWITCHES : RANGES));
    members.put("code_offset", new Json.Num(Integer.toString(codeOffset)));
    members.put("exact", new Json.Bool(exact));
    members.put("router", new Json.Str(router));
    if (!markers.isEmpty()) {
      members.put("markers", new Json.Arr(markers.stream().<Json>map(Json.Str::new).toList()));
    }
    JsonWriter writer = new JsonWriter(true);
    writer.tree(new Json.Obj(members), () -> {}, () -> {});
    TokenizerFiles.write(file, writer + "\n");
  }
}
