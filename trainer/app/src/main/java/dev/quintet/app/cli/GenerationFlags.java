package dev.quintet.app.cli;

import dev.quintet.models.generate.GenerationConfig;
import dev.quintet.models.generate.GenerationOption;
import dev.quintet.models.generate.GenerationOption.Kind;
import dev.quintet.models.json.JsonObject;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/// All options of `generation_config.json` as flags: `num_beams` is `--num-beams`, and `--num_beams` too.
final class GenerationFlags {
  private GenerationFlags() {}

  /// Adds them to a command.
  static void addTo(CommandSpec command) {
    for (GenerationOption option : GenerationOption.values()) {
      String kebab = "--" + option.key().replace('_', '-');
      command.addOption(flag(option, kebab).build());
      String snake = "--" + option.key();
      if (!snake.equals(kebab)) {
        command.addOption(flag(option, snake).hidden(true).build());
      }
    }
  }

  private static OptionSpec.Builder flag(GenerationOption option, String name) {
    OptionSpec.Builder builder = OptionSpec.builder(name).description(option.description());
    return switch (option.kind()) {
      case FLAG -> builder.arity("0").type(boolean.class).negatable(true);
      case TEXTS ->
          builder.arity("1").type(List.class).auxiliaryTypes(String.class).paramLabel("TEXT");
      case INTEGER, NUMBER, IDS, STOPPING, ID_LISTS, BIASES, DECAY ->
          builder.arity("1").type(String.class).paramLabel(label(option.kind()));
    };
  }

  private static String label(Kind kind) {
    return switch (kind) {
      case INTEGER -> "N";
      case NUMBER -> "X";
      case IDS -> "ID,...";
      case STOPPING -> "true|false|never";
      case ID_LISTS, BIASES, DECAY -> "JSON";
      case FLAG, TEXTS -> "";
    };
  }

  /// The options with those that were given.
  ///
  /// @throws ParameterException if a value does not suit its option
  static GenerationConfig apply(GenerationConfig config, CommandSpec command) {
    ParseResult parsed = command.commandLine().getParseResult();
    var given = new TreeMap<String, Object>();
    for (GenerationOption option : GenerationOption.values()) {
      for (String name : List.of(option.key().replace('_', '-'), option.key())) {
        if (parsed.hasMatchedOption("--" + name)) {
          String flag = "--" + name;
          Object value = parsed.matchedOptionValue(flag, "");
          given.put(option.key(), converted(option.kind(), flag, value, command));
        }
      }
    }
    try {
      return given.isEmpty() ? config : config.with(JsonObject.of(given));
    } catch (IllegalArgumentException e) {
      throw new ParameterException(command.commandLine(), String.valueOf(e.getMessage()), e);
    }
  }

  private static Object converted(Kind kind, String flag, Object value, CommandSpec command) {
    String text = String.valueOf(value);
    try {
      return switch (kind) {
        case FLAG -> value;
        case TEXTS -> value instanceof List<?> list ? List.copyOf(list) : List.of(text);
        case INTEGER -> Long.valueOf(text);
        case NUMBER -> Double.valueOf(text);
        case IDS -> ids(text);
        case STOPPING -> text.equals("never") ? text : bool(text);
        case ID_LISTS, BIASES, DECAY -> json(text);
      };
    } catch (IllegalArgumentException e) {
      throw new ParameterException(
          command.commandLine(), flag + " takes " + expected(kind) + ", not '" + text + "'", e);
    }
  }

  private static String expected(Kind kind) {
    return switch (kind) {
      case INTEGER -> "a whole number";
      case NUMBER -> "a number";
      case IDS -> "ids between commas";
      case STOPPING -> "true, false or never";
      case ID_LISTS -> "JSON: lists of ids in a list";
      case BIASES -> "JSON: a list of [[id, ...], number]";
      case DECAY -> "JSON: [start, factor]";
      case FLAG, TEXTS -> "no such value";
    };
  }

  private static List<Object> ids(String text) {
    var ids = new ArrayList<Object>();
    Arrays.stream(text.split(",")).map(String::strip).map(Long::valueOf).forEach(ids::add);
    return ids;
  }

  private static Object bool(String text) {
    return switch (text) {
      case "true" -> true;
      case "false" -> false;
      default -> throw new IllegalArgumentException(text);
    };
  }

  private static Object json(String text) {
    return JsonObject.parse("the option", "{\"value\": " + text + "}")
        .value("value")
        .orElseThrow(IllegalArgumentException::new);
  }
}
