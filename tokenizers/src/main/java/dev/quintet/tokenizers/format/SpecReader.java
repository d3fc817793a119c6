package dev.quintet.tokenizers.format;

import java.text.Normalizer;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/// Reads the small components of a `tokenizer.json`; refuses by name what is not supported.
final class SpecReader {

  private SpecReader() {}

  static List<AddedToken> addedTokens(Node top) {
    List<AddedToken> tokens = new ArrayList<>();
    for (Node one : top.find("added_tokens").map(Node::items).orElse(List.of())) {
      tokens.add(
          new AddedToken(
              one.get("id").integer(),
              one.get("content").string(),
              one.bool("single_word", false),
              one.bool("lstrip", false),
              one.bool("rstrip", false),
              one.bool("normalized", true),
              one.bool("special", false)));
    }
    return tokens;
  }

  static List<NormalizerStep> normalizers(Optional<Node> found) {
    List<NormalizerStep> steps = new ArrayList<>();
    found.ifPresent(node -> normalizer(node, steps));
    return steps;
  }

  private static void normalizer(Node node, List<NormalizerStep> out) {
    String type = node.type();
    switch (type) {
      case "Sequence" -> node.get("normalizers").items().forEach(one -> normalizer(one, out));
      case "NFC", "NFD", "NFKC", "NFKD" ->
          out.add(new NormalizerStep.Form(Normalizer.Form.valueOf(type)));
      case "Precompiled" ->
          node.find("precompiled_charsmap").ifPresent(map -> out.add(precompiled(map)));
      case "Strip" ->
          out.add(
              new NormalizerStep.Strip(
                  node.bool("strip_left", true), node.bool("strip_right", true)));
      case "Replace" -> {
        Matched pattern = pattern(node.get("pattern"));
        out.add(
            new NormalizerStep.Replace(pattern.text, pattern.regex, node.get("content").string()));
      }
      default ->
          throw node.unsupported(
              "normalizer " + type,
              "NFC, NFD, NFKC, NFKD, Precompiled, Strip, Replace and Sequence");
    }
  }

  private static NormalizerStep precompiled(Node map) {
    try {
      return new NormalizerStep.Precompiled(Base64.getDecoder().decode(map.string()));
    } catch (IllegalArgumentException _) {
      throw map.malformed("not Base64");
    }
  }

  private record Matched(String text, boolean regex) {}

  private static Matched pattern(Node pattern) {
    Optional<Node> regex = pattern.find("Regex");
    Node text = regex.orElseGet(() -> pattern.get("String"));
    if (text.string().isEmpty()) {
      throw text.malformed("an empty pattern matches nothing");
    }
    return new Matched(regex.isPresent() ? regex(text) : text.string(), regex.isPresent());
  }

  static List<PreTokenizerSpec> preTokenizers(Optional<Node> found) {
    List<PreTokenizerSpec> steps = new ArrayList<>();
    found.ifPresent(node -> preTokenizer(node, steps));
    if (!steps.isEmpty() && !isLast(steps.getLast())) {
      throw found
          .orElseThrow()
          .unsupported(
              "a pre-tokenizer that ends so", "those that end with ByteLevel or Metaspace");
    }
    return steps;
  }

  private static boolean isLast(PreTokenizerSpec step) {
    return switch (step) {
      case PreTokenizerSpec.ByteLevel _, PreTokenizerSpec.Metaspace _ -> true;
      case PreTokenizerSpec.Split _,
          PreTokenizerSpec.Digits _,
          PreTokenizerSpec.WhitespaceSplit _ ->
          false;
    };
  }

  private static void preTokenizer(Node node, List<PreTokenizerSpec> out) {
    if (!out.isEmpty() && isLast(out.getLast())) {
      throw node.unsupported("a pre-tokenizer after ByteLevel or Metaspace", "these as the last");
    }
    String type = node.type();
    switch (type) {
      case "Sequence" -> node.get("pretokenizers").items().forEach(one -> preTokenizer(one, out));
      case "ByteLevel" ->
          out.add(
              new PreTokenizerSpec.ByteLevel(
                  node.bool("add_prefix_space", true),
                  node.bool("trim_offsets", true),
                  node.bool("use_regex", true)));
      case "Digits" -> out.add(new PreTokenizerSpec.Digits(node.bool("individual_digits", false)));
      case "Split" -> out.add(split(node));
      case "WhitespaceSplit" -> out.add(new PreTokenizerSpec.WhitespaceSplit());
      case "Metaspace" ->
          out.add(new PreTokenizerSpec.Metaspace(prepend(node), node.bool("split", true)));
      default ->
          throw node.unsupported(
              "pre-tokenizer " + type,
              "ByteLevel, Metaspace, WhitespaceSplit, Split, Digits and Sequence");
    }
  }

  private static PreTokenizerSpec.Prepend prepend(Node node) {
    Optional<Node> replacement = node.find("replacement");
    if (replacement.isPresent() && !replacement.get().string().equals("▁")) {
      throw replacement.get().unsupported("another replacement", "U+2581");
    }
    // The older spelling is a truth value; where both stand, the newer one counts.
    boolean added = node.bool("add_prefix_space", true);
    String scheme =
        node.find("prepend_scheme").map(Node::string).orElse(added ? "always" : "never");
    return switch (scheme) {
      case "always" -> PreTokenizerSpec.Prepend.ALWAYS;
      case "first" -> PreTokenizerSpec.Prepend.FIRST;
      case "never" -> PreTokenizerSpec.Prepend.NEVER;
      default ->
          throw node.get("prepend_scheme")
              .unsupported("the scheme " + scheme, "always, first and never");
    };
  }

  private static PreTokenizerSpec split(Node node) {
    Matched pattern = pattern(node.get("pattern"));
    Node behavior = node.get("behavior");
    for (PreTokenizerSpec.Behavior known : PreTokenizerSpec.Behavior.values()) {
      if (known.spelled().equals(behavior.string())) {
        return new PreTokenizerSpec.Split(
            pattern.text, pattern.regex, known, node.bool("invert", false));
      }
    }
    throw behavior.unsupported(
        "behavior " + behavior.string(),
        "Removed, Isolated, MergedWithPrevious, MergedWithNext and Contiguous");
  }

  private static String regex(Node text) {
    String regex =
        OnigurumaRegex.toJdk(text.string())
            .orElseThrow(
                () -> text.unsupported("a plus after an interval from 2 on", "{0,n}+ and {1,n}+"));
    try {
      Pattern.compile(regex, Pattern.UNICODE_CHARACTER_CLASS);
      return regex;
    } catch (PatternSyntaxException broken) {
      throw text.malformed(
          "not a regular expression that the JDK understands: " + broken.getDescription());
    } catch (StackOverflowError _) {
      throw text.malformed("the regular expression is nested too deeply");
    }
  }

  static List<PostProcessorSpec> postProcessors(Optional<Node> found, int size) {
    List<PostProcessorSpec> steps = new ArrayList<>();
    found.ifPresent(node -> postProcessor(node, size, steps));
    return steps;
  }

  private static void postProcessor(Node node, int size, List<PostProcessorSpec> out) {
    String type = node.type();
    switch (type) {
      case "Sequence" ->
          node.get("processors").items().forEach(one -> postProcessor(one, size, out));
      case "ByteLevel" ->
          out.add(
              new PostProcessorSpec.ByteLevel(
                  node.bool("trim_offsets", true), node.bool("add_prefix_space", true)));
      case "RobertaProcessing" -> {
        out.add(
            new PostProcessorSpec.ByteLevel(
                node.bool("trim_offsets", true), node.bool("add_prefix_space", true)));
        out.add(
            new PostProcessorSpec.Template(
                List.of(
                    robertaToken(node.get("cls"), size),
                    new PostProcessorSpec.Text(),
                    robertaToken(node.get("sep"), size))));
      }
      case "TemplateProcessing" -> out.add(template(node, size));
      default ->
          throw node.unsupported(
              "post-processor " + type,
              "TemplateProcessing, RobertaProcessing, ByteLevel and Sequence");
    }
  }

  private static PostProcessorSpec.Special robertaToken(Node pair, int size) {
    List<Node> both = pair.items();
    if (both.size() != 2) {
      throw pair.malformed("expected a token and its id");
    }
    return new PostProcessorSpec.Special(List.of(id(both.get(1), size)));
  }

  private static int id(Node node, int size) {
    int id = node.integer();
    if (id >= size) {
      throw node.malformed("no token has the id " + id);
    }
    return id;
  }

  private static PostProcessorSpec template(Node node, int size) {
    Map<String, PostProcessorSpec.Special> specials = new HashMap<>();
    Optional<Node> listed = node.find("special_tokens");
    if (listed.isPresent() && listed.get().value() instanceof Json.Obj(var members)) {
      for (String name : members.keySet()) {
        List<Integer> ids = new ArrayList<>();
        for (Node one : listed.get().get(name).get("ids").items()) {
          ids.add(id(one, size));
        }
        specials.put(name, new PostProcessorSpec.Special(List.copyOf(ids)));
      }
    }
    List<PostProcessorSpec.Piece> pieces = new ArrayList<>();
    for (Node piece : node.get("single").items()) {
      Optional<Node> special = piece.find("SpecialToken");
      if (special.isPresent()) {
        Node name = special.get().get("id");
        PostProcessorSpec.Special known = specials.get(name.string());
        if (known == null) {
          throw name.malformed("not among special_tokens: \"" + name.string() + "\"");
        }
        pieces.add(known);
      } else if (piece.get("Sequence").get("id").string().equals("A")) {
        pieces.add(new PostProcessorSpec.Text());
      } else {
        throw piece.malformed("the template of a single text has only the sequence A");
      }
    }
    return new PostProcessorSpec.Template(List.copyOf(pieces));
  }

  static DecoderSpec decoder(Optional<Node> found) {
    if (found.isEmpty()) {
      return DecoderSpec.SPACES;
    }
    Node node = found.get();
    List<Node> steps =
        node.type().equals("Sequence") ? node.get("decoders").items() : List.of(node);
    List<String> types = steps.stream().map(Node::type).toList();
    if (types.equals(List.of("ByteLevel"))) {
      return DecoderSpec.BYTE_LEVEL;
    }
    if (types.equals(List.of("ByteFallback", "ByteLevel"))) {
      return DecoderSpec.BYTE_FALLBACK_THEN_BYTE_LEVEL;
    }
    if (types.equals(List.of("Metaspace"))) {
      return prepend(steps.getFirst()) == PreTokenizerSpec.Prepend.NEVER
          ? DecoderSpec.METASPACE_THROUGHOUT
          : DecoderSpec.METASPACE;
    }
    throw node.unsupported(
        "decoder " + String.join(", ", types),
        "Metaspace, and ByteLevel alone or after ByteFallback");
  }
}
